"""An identity provider for professionals: Django OAuth Toolkit, with Django's own sign-in page.

python -m tests.accounts.providers.agency '{"port": 1, "folder": "…", "client": {…}, "people": {"login": {…}}}'
"""

from __future__ import annotations

import json
import sys
from wsgiref.simple_server import make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

LOGIN = """<html lang="fr"><title>Connexion</title><h1>Agence</h1><form method="post">{% csrf_token %}{{ form.as_p }}
<input type="hidden" name="next" value="{{ next }}"><button type="submit">Connexion</button></form></html>"""


def configure(port: int, folder: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY="only for tests, and long enough for every check there is",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.accounts.providers.agency",
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": f"{folder}/agency.db",
                "OPTIONS": {"init_command": "PRAGMA synchronous=OFF"},
            }
        },
        MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "sessions", "oauth2_provider")),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                        "django.template.loaders.app_directories.Loader",
                    ],
                },
            }
        ],
        LOGIN_URL="/accounts/login/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}",
            "OIDC_RSA_PRIVATE_KEY": key.decode(),
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
            "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            "OAUTH2_VALIDATOR_CLASS": "tests.accounts.providers.agency_claims.Claims",
            "SCOPES": {"openid": "OpenID", "profile": "Profil", "email": "Adresse"},
        },
    )
    django.setup()


def fill(client: dict[str, str], people: dict[str, dict[str, str]]) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", run_syncdb=True, verbosity=0)
    Application.objects.create(
        name="Passerelle",
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=client["redirect_uri"],
        post_logout_redirect_uris=client["back"],
        algorithm="RS256",
    )
    for login, person in people.items():
        User.objects.create_user(login, person["email"], "motdepasse", first_name=person["name"])


def main() -> None:
    wanted = json.loads(sys.argv[1])
    configure(wanted["port"], wanted["folder"])
    fill(wanted["client"], wanted["people"])
    from django.core.wsgi import get_wsgi_application

    with make_server("127.0.0.1", wanted["port"], get_wsgi_application()) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
else:
    from django.contrib.auth.views import LoginView
    from django.urls import include, path

    urlpatterns = [
        path("accounts/login/", LoginView.as_view()),
        path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
    ]
