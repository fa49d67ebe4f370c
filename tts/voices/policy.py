"""Quy định về giọng: what whoever installs a voice confirms. Shown whole; accepted by a flag, never by default."""

POLICY_VI = """Quy định về giọng đọc
1. Không dùng giọng bắt chước (clone) một người có thật: nghệ sĩ, phát thanh viên, cán bộ hay bất kỳ ai, trừ khi chính
   người đó đã thu âm để làm giọng đọc và đồng ý bằng văn bản cho mục đích này.
2. Giấy phép của giọng phải cho phép phát trên loa công cộng; giấy phép "phi thương mại" thì hỏi lại chủ bản quyền.
3. Nơi nào giấy phép đòi ghi công thì ghi công tác giả; loa voices show và màn hình giọng đọc hiển thị lời ghi công.
4. Người cài đặt chịu trách nhiệm về điều mình xác nhận; lời xác nhận được lưu cạnh giọng đọc."""

POLICY_EN = """Policy on voices
1. No voice that imitates (clones) a real person: artist, announcer, official or anyone else, unless that person
   recorded it to become a voice and agreed in writing to this purpose.
2. The licence of the voice must allow public address; with a "non-commercial" licence ask its owner first.
3. Where the licence asks for attribution, name the author; loa voices show and the list of voices display it.
4. Whoever installs a voice answers for what they confirm; the confirmation is kept beside the voice."""

POLICY_VERSION = "1"
