"""Why a file is not read. Every refusal says what to do instead."""

import enum


class Why(enum.Enum):
    """``(code, Vietnamese, English)``."""

    EMPTY = ("empty", "tệp trống", "the file is empty")
    TOO_LARGE = (
        "too_large",
        "tệp lớn hơn 10 MB: hãy dán phần cần đọc vào ô soạn",
        "over 10 MB: paste the part to be read",
    )
    OLD_WORD = (
        "old_word",
        "tệp .doc cũ hoặc tệp Word có mật khẩu: mở bằng Word, bỏ mật khẩu, lưu lại thành .docx",
        "an old .doc or a Word file with a password: open it in Word, take the password off, save as .docx",
    )
    RTF = ("rtf", "tệp RTF: mở bằng Word, lưu lại thành .docx", "RTF: open it in Word and save as .docx")
    PICTURE = (
        "picture",
        "đây là ảnh, không phải chữ: hãy gõ hoặc dán nội dung",
        "a picture, not text: type or paste what it says",
    )
    SCANNED = (
        "scanned",
        "PDF này là ảnh quét, không có chữ: xin bản Word, hoặc gõ lại nội dung",
        "a scanned PDF without text: ask for the Word file, or type it",
    )
    LOCKED = (
        "locked",
        "PDF có mật khẩu: mở bằng mật khẩu rồi in ra PDF mới, hoặc dán nội dung",
        "a PDF with a password: open it and print it to a new PDF, or paste the text",
    )
    DAMAGED = ("damaged", "tệp hỏng hoặc tải lên chưa trọn: hãy gửi lại", "damaged or cut short: send it again")
    TOO_MUCH = (
        "too_much",
        "tệp quá lớn khi mở ra, hoặc quá nhiều trang: hãy dán phần cần đọc",
        "too much once opened, or too many pages: paste the part to be read",
    )
    TOO_SLOW = (
        "too_slow",
        "đọc tệp này quá lâu nên đã dừng: hãy dán nội dung",
        "reading it took too long and was stopped: paste the text",
    )
    UNKNOWN_LETTERS = (
        "unknown_letters",
        "không rõ bảng mã chữ (TCVN3, VNI hay khác): mở tệp, lưu lại dạng Unicode (UTF-8)",
        "unknown encoding (TCVN3, VNI or another): open it and save it as Unicode (UTF-8)",
    )
    NOT_TEXT = (
        "not_text",
        "không phải tệp .txt, .docx, .odt hay .pdf",
        "not a .txt, .docx, .odt or .pdf file",
    )

    @property
    def code(self) -> str:
        """Stable, for programs."""
        return self.value[0]

    @property
    def vi(self) -> str:
        """For people."""
        return self.value[1]

    @property
    def en(self) -> str:
        """For people."""
        return self.value[2]


class Refused(Exception):  # noqa: N818 - it names what happened
    """Inside the reading process: this file is not read."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.code)
        self.why = why
