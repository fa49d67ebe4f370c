"""Vai trò."""

WORDS = {
    "role.viewer": ("Người xem", "Viewer"),
    "role.author": ("Biên tập viên", "Author"),
    "role.approver": ("Lãnh đạo duyệt", "Approver"),
    "role.operator": ("Người vận hành", "Operator"),
    "role.technician": ("Kỹ thuật viên", "Technician"),
    "role.admin": ("Quản trị", "Administrator"),
}
