"""What ties the SDK to other people's frameworks; each needs an extra of its own."""
