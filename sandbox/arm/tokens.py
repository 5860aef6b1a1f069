"""Signed tokens, Entra's and the clusters', and the keys to check them by."""

import hashlib
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.arm.model import State

ENTRA = "entra"
CACHED = 2000


class TokenError(Exception):
    """A token is not good; `reason` is expired, signature or malformed."""

    def __init__(self, reason: str, claims: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.claims = claims or {}


class Keyring:
    """The signing keys of every issuer, made when first used and kept in the state."""

    def __init__(self) -> None:
        self._loaded: dict[str, rsa.RSAPrivateKey] = {}
        self._read: dict[str, dict[str, Any]] = {}

    def key(self, state: State, issuer: str) -> rsa.RSAPrivateKey:
        """The private key of this issuer."""
        pem = state.keys.get(issuer)
        if pem is None:
            pem = state.keys[issuer] = _fresh()
        if pem not in self._loaded:
            loaded = serialization.load_pem_private_key(pem.encode(), password=None)
            assert isinstance(loaded, rsa.RSAPrivateKey)
            self._loaded[pem] = loaded
        return self._loaded[pem]

    def sign(self, state: State, issuer: str, claims: dict[str, Any]) -> str:
        """A token with these claims, signed by this issuer."""
        key = self.key(state, issuer)
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id(key)})

    def read(self, state: State, issuer: str, token: str, now: float) -> dict[str, Any]:
        """The claims of a token of this issuer that is good now; TokenError when it is not."""
        claims = self._read.get(token) or self._verified(state, issuer, token)
        if claims.get("exp", 0) <= now:
            raise TokenError("expired", claims)
        return claims

    def jwks(self, state: State, issuer: str) -> dict[str, Any]:
        """The public keys of an issuer as a JSON Web Key Set."""
        key = self.key(state, issuer)
        public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        shown = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": key_id(key)}
        return {"keys": [{**shown, "n": public["n"], "e": public["e"]}]}

    def _verified(self, state: State, issuer: str, token: str) -> dict[str, Any]:
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        try:
            public = self.key(state, issuer).public_key()
            claims: dict[str, Any] = jwt.decode(token, public, algorithms=["RS256"], options=options)
        except jwt.InvalidSignatureError as error:
            raise TokenError("signature") from error
        except jwt.PyJWTError as error:
            raise TokenError("malformed") from error
        if len(self._read) >= CACHED:
            self._read.clear()
        self._read[token] = claims
        return claims


def unverified(token: str) -> dict[str, Any]:
    """What a token claims, whether or not it is true; TokenError when it is no token."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise TokenError("malformed") from error
    return claims


def key_id(key: rsa.RSAPrivateKey) -> str:
    """A key's id: a hash of its public half."""
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(public).hexdigest()[:32]


def _fresh() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
