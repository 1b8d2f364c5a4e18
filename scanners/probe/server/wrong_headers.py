"""Authorization headers that a server must refuse, made from the one that it takes."""

from __future__ import annotations

from collections.abc import Mapping

from hardening.requests import tokens


def similar_tokens(token: str, encoding: str) -> Mapping[str, str]:
    """Tokens that a careless comparison takes for `token`: by a prefix, without letter case, by a query."""
    texts = {
        "the token without its end": token[:-1],
        "the token and more": f"{token}x",
        "the token in other letters": token.swapcase(),
        "the token encoded twice": tokens.encoded(token),
        "a pattern": "%",
        "a query": "'OR'1'='1",
    }
    return {name: tokens.header(text, encoding) for name, text in texts.items() if text not in ("", token)}


def other_spellings(token: str, encoding: str) -> Mapping[str, str]:
    """The token in the encoding that is not the server's, and in Base64 that is not strict."""
    encoded = tokens.encoded(token)
    if encoding == "raw":
        return {"the token in Base64": f"Token {encoded}"}
    return {
        "the raw token": f"Token {token}",
        "Base64 with a foreign character": f"Token {encoded[:4]}!{encoded[4:]}",
    }


def other_schemes(token: str, encoding: str) -> Mapping[str, str]:
    """The right text behind another scheme, none, or two blanks."""
    text = tokens.header(token, encoding).removeprefix("Token ")
    return {"Bearer": f"Bearer {text}", "no scheme": text, "two blanks": f"Token  {text}"}


def two_headers(token: str, encoding: str) -> Mapping[str, str]:
    """A wrong and a right header in one call; a comma stands between what is sent as two."""
    right, wrong = tokens.header(token, encoding), tokens.header(tokens.issue(), encoding)
    return {
        "a wrong header, then the right one": f"{wrong},{right}",
        "the right one first": f"{right},{wrong}",
    }
