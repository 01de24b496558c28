"""The 15 criteria of policy section 4(2), its lead sentence, the signals, and the routes."""

from django.db import models


class Criterion(models.TextChoices):
    """Grounds for deletion. The value is the letter that the policy itself uses."""

    IRRELEVANT = "無関係", "投稿内容と無関係"
    UNLAWFUL = "ア", "法令違反"
    INDECENT = "イ", "公序良俗違反"
    CRIME = "ウ", "犯罪の助長"
    DEFAMATION = "エ", "誹謗中傷"
    PRIVACY = "オ", "個人情報・プライバシー"
    RIGHTS = "カ", "知的財産・肖像権の侵害"
    SOLICITATION = "キ", "政治・宗教・営利活動"
    FALSEHOOD = "ク", "虚偽"
    DISCRIMINATION = "ケ", "差別"
    REPETITION = "コ", "同一・類似の繰り返し"
    IMPERSONATION = "サ", "なりすまし"
    MALWARE = "シ", "有害プログラム"
    ALTERATION = "ス", "発信内容の改変"
    TERMS = "セ", "利用規約違反"
    OTHER = "ソ", "その他不適当"


class Signal(models.TextChoices):
    """Hints for routing. None of them is a ground for deletion."""

    CONSULTATION = "consultation", "医療相談"
    DISTRESS = "distress", "見守り"
    CRITICISM = "criticism", "意見・批判"


class Route(models.TextChoices):
    """Where a judged comment goes next."""

    PASS = "pass", "通過"
    QUEUE = "queue", "要判断"
    CONSULTATION = "consultation", "医療相談"
    CARE = "care", "見守り"
    HOLD = "hold", "自動非表示"
