"""Chỗ trống của mẫu: the fields that a template is filled in with."""

WORDS = {
    "blanks.everywhere": ("toàn phường", "toàn phường"),
    "blanks.place": ("Chọn tên có sẵn, hoặc tự viết.", "Choose a name, or write your own."),
    "blanks.optional": ("Có thể bỏ trống: câu đó không đọc.", "May stay empty: that sentence is not read."),
    "blanks.not": ("Chưa điền xong. Sửa ô được nêu bên dưới.", "Not filled in yet. Mend what is named below."),
    "blanks.fill": ("Điền vào bản tin", "Fill it in"),
    "blanks.another": ("Chọn mẫu khác", "Choose another"),
}  # fmt: skip
