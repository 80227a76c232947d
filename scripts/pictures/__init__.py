"""The diagrams of docs/images: their source, and what draws them."""
