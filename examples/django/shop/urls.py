"""The shop's addresses. HAVN's referral links lead to the login page."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from shop import views

urlpatterns = [
    path("", views.products, name="products"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("sign-up/", views.sign_up, name="sign-up"),
    path("checkout/<int:product_id>/", views.checkout, name="checkout"),
    path("orders/<str:payment_id>/", views.order, name="order"),
    path("admin/", admin.site.urls),
]
