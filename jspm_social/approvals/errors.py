"""Why an approval service refused; `str()` is a sentence for the person who tried."""


class ApprovalError(Exception):
    message = "承認の手続きができませんでした。"

    def __init__(self) -> None:
        super().__init__(self.message)


class RequestClosed(ApprovalError):
    message = "この承認依頼はすでに終了しています。画面を更新してご確認ください。"


class AlreadyOpen(ApprovalError):
    message = "この対象には、承認待ちの依頼がすでにあります。"


class ContributorCannotVote(ApprovalError):
    message = "作成や判断に関わった人は、承認に加われません。"


class NotEntitled(ApprovalError):
    message = "この承認に必要な役割をお持ちではありません。"


class OnLeave(ApprovalError):
    """Somebody may be approving in their place: never both."""

    message = "不在の期間中は、承認に加われません。「自分の登録内容」で不在を終えると、加われます。"


class RecusedCannotVote(ApprovalError):
    message = "この承認を辞退されています。"


class AlreadyVoted(ApprovalError):
    message = "この承認依頼にはすでに回答されています。"


class VoteVoid(ApprovalError):
    """The vote is for a content that is not the one to be approved."""

    message = "ご覧になった後に内容が変わりました。新しい内容をご確認のうえ、もう一度お願いします。"


class ReasonMissing(ApprovalError):
    message = "理由を入力してください。"
