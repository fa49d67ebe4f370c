"""Mật khẩu mặc định: cameras that anybody gets into, apart from their health: the picture comes all the same. Pure.

Which they are is told to those who keep the registry, and to nobody else; an alert counts them and names none.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from devices.model.camera import Cause, Layer
from devices.model.camera_cause import LOGIN_REFUSED
from devices.model.camera_logins import is_factory_login
from devices.model.camera_words import WORDS
from gateway.domain.camera_alert import Grade, Wrong
from gateway.domain.camera_look import Finding
from gateway.domain.camera_watch import CameraWatch
from gateway.domain.device import Camera, CameraId, Owner
from gateway.domain.root_cause import Scope

_REFUSED = LOGIN_REFUSED | {Cause.AUTH_PAUSED}


def factory_login(camera: Camera, password: str) -> bool:
    """Tell whether everybody knows the login that is kept for ``camera``; one that is only listed has none."""
    return bool(camera.host) and is_factory_login(camera.user, password, (camera.model, camera.serial, camera.mac))


def weak_login(watch: CameraWatch, *, factory: bool) -> Cause | None:
    """Return why anybody gets in, as far as is known; ``factory``: the login that is kept is one everybody knows.

    A factory password that the camera refused is not its own any more: then it is just a wrong one.
    """
    if watch.open_login:
        return Cause.OPEN_LOGIN
    login = watch.layers.get(Layer.LOGIN)
    refused = login is not None and login.holds.ok is False and login.holds.cause in _REFUSED
    return Cause.FACTORY_LOGIN if factory and not refused else None


def weak_finding(cause: Cause) -> Finding:
    """Say it in words, with what to do: worth a look, and nothing that keeps the picture away."""
    words = WORDS[cause]
    return Finding(
        layer=Layer.LOGIN,
        ok=True,
        cause=cause.value,
        vi=words.vi,
        en=words.en,
        advice_vi=words.advice_vi,
        advice_en=words.advice_en,
        grave=False,
    )


def weak_alerts(
    cameras: Iterable[Camera], watches: Mapping[CameraId, CameraWatch], factory: Callable[[CameraId], bool], now_ms: int
) -> dict[str, Wrong]:
    """Return one alert for each owner and reason, of cameras that did let somebody in so.

    One for each owner, since the owner is who changes the passwords, and twenty cameras of one contractor have one.
    """
    found: dict[tuple[Cause, Owner], list[CameraId]] = defaultdict(list)
    for camera in cameras:
        watch = watches.get(camera.id)
        if camera.polled and watch is not None and Layer.LOGIN in watch.layers:
            cause = weak_login(watch, factory=factory(camera.id))
            if cause is not None:
                found[cause, camera.owner].append(camera.id)
    return {wrong.key: wrong for wrong in (_wrong(*key, names, now_ms) for key, names in sorted(found.items()))}


def _wrong(cause: Cause, owner: Owner, names: list[CameraId], now_ms: int) -> Wrong:
    words, (owner_vi, owner_en) = WORDS[cause], owner.words
    cameras_en = "camera" if len(names) == 1 else "cameras"
    return Wrong(
        key=f"{cause}:{owner}",
        scope=Scope.OWNER,
        subject=owner,
        cameras=tuple(sorted(names)),
        cause=cause.value,
        grade=Grade.WARNING,
        vi=f"{len(names)} camera ({owner_vi}): {words.vi[0].lower()}{words.vi[1:]}",
        en=f"{len(names)} {cameras_en} ({owner_en}): {words.en}",
        advice_vi=words.advice_vi,
        advice_en=words.advice_en,
        since_ms=now_ms,
    )
