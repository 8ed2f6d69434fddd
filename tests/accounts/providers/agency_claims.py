"""What the agency says of its people: name, address, and whether it verified the address."""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):
    oidc_claim_scope = {  # noqa: RUF012  # as its parent
        **OAuth2Validator.oidc_claim_scope,
        "name": "profile",
        "email_verified": "email",
        "amr": "openid",
    }

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        user = request.user
        return {
            "name": user.first_name,
            "email": user.email,
            "email_verified": not user.username.startswith("unverified"),
            "amr": ["pwd", "otp"] if user.username.startswith("strong") else ["pwd"],
        }
