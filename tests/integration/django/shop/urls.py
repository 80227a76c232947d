"""The shop's addresses."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path
from integration.django.shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("orders/<str:payment_id>", views.order),
    path("async-orders/<str:payment_id>", views.order_async),
]
