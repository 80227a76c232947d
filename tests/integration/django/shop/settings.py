"""The shop's settings; where its database is comes from whoever runs it."""

from __future__ import annotations

import json
import os
from typing import Any

SECRET_KEY = "of a shop that is none"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "integration.django.shop.urls"
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "havn_ext.integrations.django",
    "integration.django.shop",
]
MIDDLEWARE = [
    "havn_ext.integrations.django.referrals.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES: dict[str, dict[str, Any]] = {
    "default": json.loads(os.environ["HAVN_SHOP_DATABASE"]),
    "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
HAVN: dict[str, Any] = {
    "API_KEY": os.environ.get("HAVN_API_KEY", "shop_key"),
    "WEBHOOK_SECRET": os.environ.get("HAVN_WEBHOOK_SECRET", "shop_secret"),
}
