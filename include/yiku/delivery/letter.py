"""What a letter to a unit, or to somebody whom we do not know, says and holds.

No value of a person stands in its head, its text or the names of what is attached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, localtime

from yiku.display import inert
from yiku.intake.mail_head import OUR_MARK, may_be_quoted

# What the sender of a mail is told of it, by the code in the ledger.
SENTENCES = {
    "no_file": "来信里没有可收的附件。请把表格文件直接附在信里；网盘、“超大附件”的链接和贴在正文里的表格收不了。",
    "winmail": "来信的附件被 Outlook 打包成了 winmail.dat，取不出来。请把邮件格式改为“HTML”或“纯文本”再发。",
    "too_many": "来信的附件太多，没有全部收取。请把其余的压缩成一个 zip 再发。",
    "passed": "来信里有取不出来的部分（多层转发、存在别处或写进正文的文件），没有收取。请把表格文件直接附在信里。",
    "too_large": "来信超过 {limit_mb} MB，没有收取。请压缩成 zip，或分几封信发送。",
    "unreadable": "来信的附件取不出来（信件损坏，或压缩得不正常）。请重新附上文件再发。",
    "unchanged": "来信所附的是我们寄出的文件，内容没有改动，未重复收取。请在退件里改好、保存后再发。",
    "unverified": "收到一封写明由贵单位发出、但未能核实发件人的来信，没有收取。如确系所发，请联系县级数据管理员。",
}
_STRANGER = (
    "您好：\n\n"
    "您的来信已经收到，但您的邮箱地址没有在本系统登记，附件没有收取。\n"
    "如果您是报送单位的经办人，请用已登记的邮箱发送，或请县级数据管理员登记这个地址后重新发送。\n\n"
    "本邮件由系统自动发出，每个地址每天最多一封，请勿回复。\n"
)
_KINDS = {
    "receipt": "回执",
    "return_workbook": "退件",
    "work_list": "待办清单",
    "form": "下发的表",
    "bulletin": "月通报",
}
_TYPE_OF_BOOK = (
    "application",
    "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


@dataclass(frozen=True)
class Enclosure:
    """A file of a letter.

    ``elsewhere`` says where it can be had where it is too large to be
    attached ('': it is attached).
    """

    kind: str
    name: str
    receipt_no: str
    data: bytes = field(repr=False)
    is_locked: bool = False
    elsewhere: str = ""


@dataclass(frozen=True)
class Letter:
    """A letter to one unit about one night; ``answers`` are the Message-IDs of the mails that it answers."""

    number: str
    to: str = field(repr=False)
    sender: str
    unit_name: str
    day: date
    enclosures: Sequence[Enclosure]
    sentences: Sequence[str] = ()
    answers: Sequence[str] = ()

    @property
    def subject(self) -> str:
        """Return the line by which a clerk finds the letter again."""
        parts = [f"【一库】{inert(self.unit_name)} {self.day} 答复"]
        receipts = sorted({one.receipt_no for one in self.enclosures} - {""})
        if receipts:
            more = f" 等{len(receipts)}份" if len(receipts) > 1 else ""
            parts.append(f"（回执 {receipts[0]}{more}）")
        return "".join(parts)


def letter_number(
    day: date, delivery_ids: Sequence[int], mail_ids: Sequence[int]
) -> str:
    """Return the number of a letter: the same whenever the same is sent."""
    return _number_of(f"{day}|{sorted(delivery_ids)}|{sorted(mail_ids)}")


def stranger_number(day: date, address: str, message_id: str) -> str:
    """Return the number of a letter to a stranger: the same whenever the same mail is answered."""
    return _number_of(f"{address}|{message_id}|{day}")


def _number_of(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def unit_letter(letter: Letter) -> EmailMessage:
    """Return a letter as it is sent."""
    message = _message(letter.to, letter.sender, letter.subject, letter.number)
    _answer(message, letter.answers)
    message.set_content(_text(letter), cte="base64")
    for enclosure in letter.enclosures:
        if not enclosure.elsewhere:
            _attach(message, enclosure)
    _require_own_headers(message)
    return message


def stranger_letter(
    to: str, sender: str, message_id: str, number: str
) -> EmailMessage:
    """Return what somebody is told whose address is not registered; nothing of the mail is quoted."""
    message = _message(
        to, sender, "【一库】来信未收取：邮箱地址未登记", number
    )
    _answer(message, [message_id] if message_id else [])
    message.set_content(_STRANGER, cte="base64")
    _require_own_headers(message)
    return message


def _message(to: str, sender: str, subject: str, number: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    domain = sender.rpartition("@")[2]
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = to
    message["Date"] = format_datetime(localtime())
    # A letter that is sent once more after a crash is one to a mail program.
    message["Message-ID"] = f"<{OUR_MARK}{number}@{domain}>"
    # Else a notice of absence would come back, and be answered.
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    return message


def _require_own_headers(message: EmailMessage) -> None:
    """Refuse a letter whose head reads otherwise than it was set: something in a value ended a line."""
    lines = [
        message.policy.fold_binary(name, value)
        for name, value in message.items()
    ]
    read = message_from_bytes(b"".join(lines))
    if read.keys() != message.keys() or read.get_payload():
        raise ValueError("a header of a letter is not what was set")


def _answer(message: EmailMessage, answers: Sequence[str]) -> None:
    plain = [number for number in answers if may_be_quoted(number)]
    if not plain:
        return
    message["In-Reply-To"] = plain[-1]
    message["References"] = " ".join(plain)


def _text(letter: Letter) -> str:
    lines = ["您好：", ""]
    lines += [f"· {sentence}" for sentence in letter.sentences]
    if letter.enclosures:
        lines.append(
            f"{inert(letter.unit_name)} {letter.day} 的来件已经处理，答复如下："
        )
        lines += [_line(enclosure) for enclosure in letter.enclosures]
    kinds = {enclosure.kind for enclosure in letter.enclosures}
    if "return_workbook" in kinds:
        lines.append(
            "退件里标出了要更正的地方。请在退件里改好、保存，附在给本地址的信里发回即可。"
        )
    if "work_list" in kinds:
        lines.append("待办清单里的黄格子填好后，附在给本地址的信里发回即可。")
    if any(enclosure.is_locked for enclosure in letter.enclosures):
        lines.append("附件已加密，请用与贵单位约定的口令打开。")
    lines += ["", "本邮件由系统自动发出。", ""]
    return "\n".join(lines)


def _line(enclosure: Enclosure) -> str:
    kind = _KINDS.get(enclosure.kind, "文件")
    receipt = (
        f"（回执 {enclosure.receipt_no}）" if enclosure.receipt_no else ""
    )
    name = inert(enclosure.name)
    if enclosure.elsewhere:
        return f"· {kind}《{name}》{receipt}太大，不能随信附上：{enclosure.elsewhere}"
    return f"· {kind}《{name}》{receipt}，见附件"


def _attach(message: EmailMessage, enclosure: Enclosure) -> None:
    main_kind, kind = "application", "octet-stream"
    if enclosure.name.lower().endswith(".xlsx"):
        main_kind, kind = _TYPE_OF_BOOK
    # A text of its own kind would be shown in the letter by some programs, in their own encoding.
    message.add_attachment(
        enclosure.data,
        maintype=main_kind,
        subtype=kind,
        filename=enclosure.name,
    )
