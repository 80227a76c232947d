"""What customers fill in."""

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import UserCreationForm


class SignUpForm(UserCreationForm):
    """A new account, with the e-mail address that transactions are reported with."""

    email = forms.EmailField()

    class Meta(UserCreationForm.Meta):
        """The fields."""

        model = get_user_model()
        fields = ("username", "email")
