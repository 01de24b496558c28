"""Each criterion and signal on sentences of our own: what counts, and what must stay up."""

import pytest

from policy.criteria import Criterion, Route, Signal
from tests.policy.judging import judge, pointed_at

COUNTS = [
    ("無関係", "おはようございます。昨日の試合、逆転サヨナラでしたね"),
    ("無関係", "このメッセージを7人の友達に送らないと不幸になります"),
    ("ア", "余ったオキシコドンお譲りします。処方せん不要、値段はDMで"),
    ("ア", "修了証を受講なしで発行代行いたします。一通9,000円"),
    ("ア", "理事全員、ぶっ殺してやるから待ってろ"),
    ("イ", "看護師さんのおっぱい見せろよ"),
    ("イ", "遺族の泣き顔で今日も飯がうまいｗｗｗ"),
    ("ウ", "夜の薬局に忍び込んで痛み止めを盗もうぜ。みんなでやれば捕まらない"),
    ("ウ", "荷物を受け取って渡すだけで日給9万円。身分証不要"),
    ("エ", "座長の甘利川とかいうやつ、無能な詐欺師。人間のクズ"),
    ("エ", "こんな学会、製薬会社から裏金をもらう犯罪者集団だ"),
    ("オ", "二丁目の梅田原さくらさん、乳がんで入院中だって。電話は090-0000-1234"),
    ("カ", "ガイドライン全ページをスキャンしたので無料で配ります"),
    ("キ", "モニター価格1,980円！ご購入はプロフィールのリンクからどうぞ"),
    ("キ", "次の市議選は花田原一郎に清き一票をお願いします"),
    ("キ", "教祖さまの御手当てで救われます。入信のご相談はこちらへ"),
    ("ク", "重曹を飲むだけで末期がんは全部消えます。医者は隠しています"),
    ("ケ", "外国人を病院に入れるな。国へ帰れ"),
    ("シ", "この再生アプリを入れてください→ http://player.example/setup.apk 警告は無視"),
    ("シ", "hxxps://kaiin-login[.]example で会員番号とパスワードを再入力してください"),
    ("セ", "相互フォロー募集！フォロバ100%です"),
    ("セ", "フォロワー千人を980円で販売、即日反映"),
    ("ソ", "くぁｗせｄｒｆｔｇｙふじこｌｐ"),
    ("ソ", "患者と医者、どっちがバカか決着つけようぜ。ほら殴り合え"),
]

STAYS_UP = [
    "母を見送って一年になります。動画を見て涙が出ました。ありがとうございました。",
    "「死ね」と言われて、本当につらかったです。",
    "「外国人は後回し」と言われて悔しい思いをしました。",
    "病気の馬鹿野郎、と空に向かって叫びました。",
    "余った麻薬を人に譲ったら違法ですよね？薬局に返せばいいのでしょうか。",
    "モルヒネは寿命を縮めるというのは本当ですか？",
    "麻薬は怖いと思い込んで、父に使わせなかったことを後悔しています。",
    "学会を名乗る怪しいDMが届きました。皆さんも気をつけて、リンクは開かないで。",
    "参加費15,000円は高いです。もう少し安くしてほしい。",
    "県の相談窓口は 03-0000-2200 です。ホームページは https://soudan.example/ です。",
    "私は78歳、卵巣がんで治療中です。名前も病気も隠していません。",
    "胸のしこりに気づいたときは、裸を見せる検診が怖かったです。",
    "痛くて死ぬかと思いましたが、今は散歩もできます。",
    "必死に看病しました。忙殺されていたあの頃が懐かしい。",
    "フォローしました。応援しています！",
    "😭😭😭😭😭😭😭😭😭😭😭😭😭😭😭😭",
    "祖父の病棟でお坊さんが話を聞いてくれました。信仰の話は一度もありませんでした。",
    "",
]


@pytest.mark.parametrize(("criterion", "text"), COUNTS)
def test_text_that_counts(criterion: str, text: str) -> None:
    verdict = judge(text)
    assert criterion in verdict.labels
    assert verdict.route == Route.QUEUE
    assert any(pointed_at(verdict, text, criterion))


@pytest.mark.parametrize("text", STAYS_UP)
def test_text_that_stays_up(text: str) -> None:
    verdict = judge(text)
    assert verdict.labels == ()
    assert verdict.route == Route.PASS


@pytest.mark.parametrize(
    "text",
    [
        "もう疲れた。今夜で終わりにします",
        "ﾀﾋにたい。誰にも言えない",
        "薬は手元にたくさん溜めてある",
        "さっきから父の呼吸がおかしいです。救急車を呼ぶべきですか",
        "友人が「さようなら」とだけ送ってきて、電話に出ません。どうしたらいいですか",
    ],
)
def test_distress_goes_to_care(text: str) -> None:
    verdict = judge(text)
    assert Signal.DISTRESS in verdict.signals
    assert verdict.route == Route.CARE


def test_distress_with_a_violation_goes_to_care_and_shows_the_criterion() -> None:
    verdict = judge("もう死にたい。誰か余ったオキシコドンを売ってください、DMで")
    assert verdict.route == Route.CARE
    assert Criterion.UNLAWFUL in verdict.labels


@pytest.mark.parametrize(
    "text",
    [
        "父が肺がんで痛がっています。痛み止めを倍に増やしても大丈夫でしょうか",
        "腎不全の母、透析をやめたほうがいいですか？教えてください",
    ],
)
def test_consultation_has_its_own_list(text: str) -> None:
    verdict = judge(text)
    assert verdict.signals == (Signal.CONSULTATION,)
    assert verdict.route == Route.CONSULTATION


def test_criticism_passes_and_is_marked() -> None:
    verdict = judge("動画に字幕がないのは不親切で残念です。学会は次から付けてほしい。")
    assert verdict.signals == (Signal.CRITICISM,)
    assert verdict.route == Route.PASS
