from allauth.account.forms import LoginForm


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password."""
