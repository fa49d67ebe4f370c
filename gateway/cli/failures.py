"""Every way a start can fail on purpose, in words for the person at the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from devices.errors import BrokerFailed, SealBroken
from gateway.cli.console import Failed
from gateway.domain.errors import GatewayError
from gateway.settings import BadSettings
from tts.errors import SpeechError


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the parts raise into :class:`Failed`; anything else is a fault of ours and keeps its traceback."""
    try:
        yield
    except BadSettings as error:
        lines = "\n".join(f"  {where}: {text}" for where, text in error.problems)
        raise Failed(f"Cài đặt có lỗi / the settings have mistakes:\n{lines}") from error
    except GatewayError as error:
        raise Failed(f"{error.vi}\n{error.en}") from error
    except SealBroken as error:
        raise Failed(f"Khóa trong thư mục keys không dùng được / the keys cannot be used: {error.reason}") from error
    except (BrokerFailed, SpeechError) as error:
        raise Failed(str(error)) from error
