"""The pages of a work list: what is asked for on each, and in which columns."""

from __future__ import annotations

from yiku.formats.return_marks import ACCEPT_WORD, WITHDRAW_WORD
from yiku.formats.work_list_marks import (
    ANSWER_HEADER,
    CHANGE_HEADER,
    CLEAR_WORD,
    COLUMN_HEADER,
    DECLINE_WORD,
    KEEP_WORD,
    REFUSE_WORD,
    TAKE_WORD,
)
from yiku.worklist.entries import Page, PageColumn

LIST, FILE, ROW_NO, NAME, ID_NO = (
    "名单",
    "来件",
    "行号",
    "姓名（名称）",
    "身份证号",
)
WRONG, ADVICE, PRESENT, UNTIL = "问题", "怎么办", "现在的内容", "期限"
SORT, QUESTION = "类别", "问的是什么"
TOWN, VILLAGE, PHONE = "乡镇(街道)", "行政村(社区)", "联系电话"
VISIT_SORT, DUE, STATE = "回访类型", "应访日期", "情况"
PERIOD, HOUSEHOLD, HEAD, TRADE = "期次", "户编号", "户主姓名", "产业"
HELPER, UNIT, REASON = "帮扶人", "单位", "理由"
MATTER, SAID = "事项", "说明"

ROWS = Page(
    "一、退回的行",
    "黄色格子由您填：对照“问题”，把正确的内容填在“改为”；不再报这一行的，在“答复”里选“删除”；"
    f"要把这一格清空的，“改为”填“{CLEAR_WORD}”。没改的行留空，以后再填也可以。",
    (
        PageColumn(LIST, 15),
        PageColumn(FILE, 18),
        PageColumn(ROW_NO, 6),
        PageColumn(NAME, 11),
        PageColumn(ID_NO, 20),
        PageColumn(WRONG, 13),
        PageColumn(ADVICE, 34),
        PageColumn(UNTIL, 11),
        PageColumn(COLUMN_HEADER, 13),
        PageColumn(PRESENT, 21),
        PageColumn(CHANGE_HEADER, 21, is_answer=True),
        PageColumn(ANSWER_HEADER, 9, is_answer=True, choices=(WITHDRAW_WORD,)),
    ),
)
QUESTIONS = Page(
    "二、要回答的问题",
    f"请在“{ANSWER_HEADER}”里选一项。表头：理解得对选“是”。人员：就是系统推测的人选“{ACCEPT_WORD}”；"
    f"不是的选“{REFUSE_WORD}”，并在“{ROWS.title}”里改正。没有选项的，按“怎么办”重新上报。",
    (
        PageColumn(SORT, 8),
        PageColumn(LIST, 18),
        PageColumn(FILE, 26),
        PageColumn(ROW_NO, 7),
        PageColumn(NAME, 12),
        PageColumn(QUESTION, 62),
        PageColumn(ANSWER_HEADER, 12, is_answer=True),
    ),
)
VISITS = Page(
    "三、走访",
    "已到期和快到期的回访。走访后填黄色格子，发回后直接记入回访记录，不必另填回访记录表。",
    (
        PageColumn(VILLAGE, 13),
        PageColumn(NAME, 10),
        PageColumn(ID_NO, 20),
        PageColumn(PHONE, 13),
        PageColumn(VISIT_SORT, 8),
        PageColumn(DUE, 11),
        PageColumn(STATE, 10),
        PageColumn("回访日期", 11, is_answer=True),
        PageColumn("回访方式", 10, is_answer=True, codes="vis"),
        PageColumn("是否联系上", 7, is_answer=True, choices=("是", "否")),
        PageColumn("未联系上原因", 14, is_answer=True),
        PageColumn("当前就业状态", 13, is_answer=True, codes="emp"),
        PageColumn("需求", 11, is_answer=True, codes="need"),
        PageColumn("回访人", 9, is_answer=True),
    ),
)
MISSING = Page(
    "四、名单漏人",
    "这些人在建档立卡库里是劳动力，却不在劳动力基本信息名单上。请在下一次名单里补上，或另报一份“补报”；本页不用填。",
    (
        PageColumn(TOWN, 20),
        PageColumn(VILLAGE, 24),
        PageColumn(NAME, 18),
        PageColumn(ID_NO, 26),
    ),
)
GONE = Page(
    "五、消失的行",
    f"以前报过、最近一次名单里没有的。确实不再保留的选“{WITHDRAW_WORD}”，漏报的选“{KEEP_WORD}”，仍保留在名单里。",
    (
        PageColumn(LIST, 22),
        PageColumn(PERIOD, 10),
        PageColumn(VILLAGE, 20),
        PageColumn(NAME, 16),
        PageColumn(ID_NO, 24),
        PageColumn(
            ANSWER_HEADER,
            12,
            is_answer=True,
            choices=(WITHDRAW_WORD, KEEP_WORD),
        ),
    ),
)
PAIRS = Page(
    "六、建议结对",
    f"系统算出的结对方案。采纳的选“{TAKE_WORD}”并填开始日期（专家结对村还要填服务内容），发回后成为结对表里的一行；"
    f"不采纳的选“{DECLINE_WORD}”。",
    (
        PageColumn(SORT, 14),
        PageColumn(HELPER, 9),
        PageColumn(UNIT, 15),
        PageColumn(TOWN, 11),
        PageColumn(VILLAGE, 12),
        PageColumn(HOUSEHOLD, 17),
        PageColumn(HEAD, 9),
        PageColumn(TRADE, 10),
        PageColumn(REASON, 38),
        PageColumn(
            ANSWER_HEADER,
            9,
            is_answer=True,
            choices=(TAKE_WORD, DECLINE_WORD),
        ),
        PageColumn("开始日期", 11, is_answer=True),
        PageColumn("服务内容", 14, is_answer=True, codes="service_content"),
    ),
)
COUNTY = Page(
    "七、全县情况",
    "各乡镇没有接收的文件、名单之间的冲突和迟报的单位，供督促用；本页不用填。",
    (
        PageColumn(SORT, 12),
        PageColumn(UNIT, 18),
        PageColumn(MATTER, 36),
        PageColumn(SAID, 70),
    ),
)
