"""What a provider offers, taken in: whether it can be used, and the data of its kinds as frozen values."""

from __future__ import annotations

from dataclasses import fields

from dpn import references
from dpn.discovery import Installed
from dpn.errors import PluginError
from dpn.provider import API, Kind, KindInfo, NamedKind, Provider

_OPTIONAL = ("list", "ready", "mark", "rename", "archive", "restore", "contents", "undrop", "available")


def refuse_unusable(provider: Provider, origin: Installed) -> None:
    """Refuse a provider of another API, and one whose kinds or secrets are not called after it. PluginError."""
    if provider.api != API:
        raise PluginError(
            f"Provider {provider.name!r} ({origin.package} {origin.version}) speaks plugin API {provider.api}, "
            f"dpn speaks {API}.",
            hint=f"Upgrade the older one: pip install --upgrade dpn {origin.package}",
        )
    if strange := [scheme for scheme in provider.secrets if references.provider_of(scheme) != provider.name]:
        raise PluginError(
            f"Provider {provider.name!r} offers the secret scheme {strange[0]!r}, which must be {provider.name} or "
            f"begin {provider.name}-."
        )
    for cls in provider.kinds:
        if cls.kind.partition("_")[0] != provider.name:
            raise PluginError(f"Provider {provider.name!r} offers {cls.kind!r}, which must begin {provider.name}_.")


def kind_info(cls: type[NamedKind], provider: str, plugin: str) -> KindInfo:
    """Take the data of a kind's class as a frozen value."""
    known = {item.name for item in fields(KindInfo)} - {"provider", "plugin", "provisions", "has"}
    data = {name: getattr(cls, name) for name in known if hasattr(cls, name)}
    provisions = issubclass(cls, Kind)
    has = frozenset(name for name in _OPTIONAL if provisions and getattr(cls, name) is not getattr(Kind, name))
    return KindInfo(provider=provider, plugin=plugin, provisions=provisions, has=has, **data)
