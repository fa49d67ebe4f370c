"""The one table from refusals to HTTP, and their shape: RFC 9457 problem+json in Vietnamese and English."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from devices.errors import BadMessage, DeviceError, LinkDown, NotDelivered, SealBroken
from gateway.domain import errors as domain
from gateway.domain.errors import GatewayError, Problem
from gateway.services.editorial import SpeechFailed
from gateway.web.headers import SECURITY_HEADERS
from gateway.web.language import prefers_english
from tts import errors as speech

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_SERVER_FAULT = 500

# The nearest class in an error's own ancestry decides, so a new leaf takes its parent's row.
STATUS: Mapping[type[Exception], int] = MappingProxyType(
    {
        GatewayError: 400,
        domain.BadInput: 422,
        domain.NotFound: 404,
        domain.NotSignedIn: 401,
        domain.NotAllowed: 403,
        domain.TryLater: 429,
        domain.WrongState: 409,
        domain.Stale: 409,
        domain.Clash: 409,
        domain.PolicyRefusal: 422,
        domain.StoreFailed: 503,
        domain.ChainBroken: 500,
        SpeechFailed: 503,
        DeviceError: 502,
        LinkDown: 503,
        NotDelivered: 504,
        BadMessage: 422,
        SealBroken: 403,
        speech.SpeechError: 502,
        speech.TextError: 422,
        speech.LexiconError: 500,
        speech.UnknownVoice: 422,
        speech.UnknownChime: 422,
        speech.SpeedOutOfRange: 422,
        speech.PauseOutOfRange: 422,
        speech.EngineUnavailable: 503,
        speech.EngineTimeout: 504,
        speech.AudioError: 422,
        speech.MasteringFailed: 500,
        speech.CacheError: 507,
        speech.StudioBusy: 503,
    }
)

_TITLES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: ("Yêu cầu chưa đúng", "Bad request"),
        401: ("Chưa đăng nhập", "Not signed in"),
        403: ("Không được phép", "Not allowed"),
        404: ("Không tìm thấy", "Not found"),
        405: ("Thao tác không có ở đây", "No such method here"),
        409: ("Không làm được lúc này", "Not now"),
        413: ("Dữ liệu quá lớn", "Too large"),
        415: ("Kiểu dữ liệu không nhận", "Unsupported kind of data"),
        422: ("Dữ liệu không được chấp nhận", "Not accepted"),
        429: ("Thử lại sau", "Try again later"),
        500: ("Lỗi của máy chủ", "Server error"),
        502: ("Bộ phận khác trả lời lỗi", "Another part failed"),
        503: ("Tạm thời không phục vụ được", "Not available now"),
        504: ("Không có trả lời", "No answer"),
        507: ("Hết chỗ lưu", "No room left"),
    }
)
_SEALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"wrong_pin": ("Sai mã PIN khẩn cấp.", "Wrong emergency PIN.")}
)

# pydantic's words for the commonest mistakes, in Vietnamese; the rest read "giá trị không hợp lệ".
_MISTAKES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "thiếu",
        "extra_forbidden": "không có mục này",
        "json_invalid": "không phải JSON",
        "string_type": "phải là chữ",
        "string_too_short": "quá ngắn",
        "string_too_long": "quá dài",
        "string_pattern_mismatch": "sai mẫu",
        "string_unicode": "có ký tự không hợp lệ",
        "int_parsing": "phải là số nguyên",
        "int_type": "phải là số nguyên",
        "float_parsing": "phải là số",
        "greater_than_equal": "quá nhỏ",
        "greater_than": "quá nhỏ",
        "less_than_equal": "quá lớn",
        "less_than": "quá lớn",
        "too_long": "quá nhiều mục",
        "too_short": "quá ít mục",
        "enum": "không thuộc các lựa chọn",
        "literal_error": "không thuộc các lựa chọn",
        "timezone_aware": "thời điểm thiếu múi giờ",
        "value_error": "không hợp lệ",
    }
)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What a person is told, in both languages."""

    status: int
    code: str
    vi: str
    en: str


def status_of(error: Exception) -> int:
    """Return the status code an error is answered with."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), _SERVER_FAULT)


ForPeople = Callable[[Request, Refused], Response | None]


def install(app: FastAPI, for_people: ForPeople | None = None) -> None:
    """Answer every error of ``app`` as a problem document, or with the page that ``for_people`` makes of it."""
    app.state.for_people = for_people
    app.add_exception_handler(GatewayError, _on_gateway)
    app.add_exception_handler(DeviceError, _on_device)
    app.add_exception_handler(speech.SpeechError, _on_speech)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


def problem(
    *,
    status: int,
    code: str,
    vi: str,
    en: str,
    english: bool,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the answer. Both languages are always in it; ``english`` decides which one ``title`` and ``detail`` are."""
    title_vi, title_en = _TITLES.get(status, ("Lỗi", "Error"))
    body: dict[str, Any] = {
        "type": f"urn:loaphuong:problem:{code}",
        "title": title_en if english else title_vi,
        "status": status,
        "code": code,
        "detail": en if english else vi,
        "detail_vi": vi,
        "detail_en": en,
        "problems": [{"path": each.path, "code": each.code, "vi": each.vi, "en": each.en} for each in problems],
    }
    # Half a surrogate in a field name must not turn a 422 into a 500.
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    sent = {"content-language": "en" if english else "vi", **(headers or {})}
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=sent)


def _answer(  # the parts of a problem document, and who is to be told
    request: Request,
    *,
    status: int,
    code: str,
    vi: str,
    en: str,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
    people: Refused | None = None,
) -> Response:
    """Answer a person with a page (``people``: in other words than a program), a program with a problem document."""
    for_people: ForPeople | None = request.app.state.for_people
    page = for_people(request, people or Refused(status=status, code=code, vi=vi, en=en)) if for_people else None
    if page is not None:
        for name, value in (headers or {}).items():
            page.headers.setdefault(name, value)
        return page
    return problem(
        status=status,
        code=code,
        vi=vi,
        en=en,
        english=prefers_english(request),
        problems=problems,
        headers=headers,
    )


async def _on_gateway(request: Request, error: Exception) -> Response:
    if not isinstance(error, GatewayError):
        raise error
    status = status_of(error)
    if status >= _SERVER_FAULT:
        logger.error("%s %s: %s", request.method, request.url.path, error.en)
    headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, domain.TryLater) else None
    return _answer(
        request,
        status=status,
        code=error.code,
        vi=error.vi,
        en=error.en,
        problems=getattr(error, "problems", ()),
        headers=headers,
    )


async def _on_device(request: Request, error: Exception) -> Response:
    status = status_of(error)
    logger.warning("%s %s: %s: %s", request.method, request.url.path, type(error).__name__, error)
    vi, en = "Không liên lạc được với hệ thống loa.", "The loudspeaker system could not be reached."
    code = "device_error"
    if isinstance(error, LinkDown):
        code = "link_down"
    elif isinstance(error, NotDelivered):
        code = "not_delivered"
        vi, en = "Đã gửi nhưng không rõ có tới nơi không.", "Sent, and nobody knows whether it arrived."
    elif isinstance(error, SealBroken):
        code = error.reason
        vi, en = _SEALS.get(error.reason, ("Chữ ký số không hợp lệ.", "The digital seal does not hold."))
    return _answer(request, status=status, code=code, vi=vi, en=en)


async def _on_speech(request: Request, error: Exception) -> Response:
    logger.warning("%s %s: %s: %s", request.method, request.url.path, type(error).__name__, error)
    kind = type(error).__name__
    code = "".join(f"_{char.lower()}" if char.isupper() else char for char in kind).lstrip("_")
    # tts writes its messages for people, Vietnamese first.
    return _answer(
        request,
        status=status_of(error),
        code=code,
        vi=str(error),
        en=f"{kind}: {error}",
    )


async def _on_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    problems = [_mistake(item) for item in error.errors()]
    return _answer(
        request,
        status=422,
        code="bad_input",
        vi="Dữ liệu chưa đúng: " + "; ".join(f"{each.path}: {each.vi}" for each in problems[:5]),
        en="The input is not right: " + "; ".join(f"{each.path}: {each.en}" for each in problems[:5]),
        problems=problems,
        people=_in_plain_words(error.errors()),
    )


def _in_plain_words(mistakes: Sequence[Mapping[str, Any]]) -> Refused:
    """Say it without the names of fields, which are a program's: a page's own form never sends these."""
    if all(item["loc"][:1] in {("query",), ("path",)} for item in mistakes):
        vi, en = "Đường dẫn của trang có chỗ sai.", "Something in the address of this page is wrong."
        return Refused(status=422, code="bad_address", vi=vi, en=en)
    said = dict.fromkeys(_MISTAKES.get(str(item["type"]), "giá trị không hợp lệ") for item in mistakes)
    vi = f"Biểu mẫu có ô chưa đúng: {'; '.join(said)}."
    return Refused(status=422, code="bad_input", vi=vi, en="A field of the form is missing or not right.")


def _mistake(item: Mapping[str, Any]) -> Problem:
    """Never with the value that was sent: it may be a password."""
    places = [str(part)[:60] for part in item["loc"]]
    path = ".".join(places[1:] if places[:1] == ["body"] and len(places) > 1 else places)
    kind = str(item["type"])
    return Problem(code=kind, vi=_MISTAKES.get(kind, "giá trị không hợp lệ"), en=str(item["msg"])[:200], path=path)


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    vi, en = _TITLES.get(error.status_code, ("Lỗi", "Error"))
    return _answer(
        request,
        status=error.status_code,
        code=f"http_{error.status_code}",
        vi=f"{vi}.",
        en=f"{en}.",
        headers=error.headers,
    )


async def _on_bug(request: Request, error: Exception) -> Response:
    logger.error("%s %s fell over", request.method, request.url.path, exc_info=error)
    return _answer(
        request,
        status=_SERVER_FAULT,
        code="internal",
        vi="Máy chủ gặp lỗi. Việc này đã được ghi lại.",
        en="The server failed. It has been written down.",
        headers=SECURITY_HEADERS,  # this answer is made outside of the armour
    )
