"""J27: blanks that nobody filled in, notes to each other, and markup that readers would see."""

import re
from collections.abc import Iterator

from posts.checks.draft import Found, Severity
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading

_SIGN = "[〇○◯●△▲□■☆★＊*✕×xXｘＸ?？_＿]"
_UNIT = (
    "(?:について|に関する|先生|さん|さま|様|氏|病院|大学|市|区|県|会|センター|株式会社|[月日年"
    "時分回名円人題件歳])"
)
_LABEL = (
    "(?:日時|会場|場所|締切|申込|申し込み|講師|対象|定員|参加費|URL|お問い合わせ|詳細|テーマ|会期)"
)
_BLANKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "日付や数の空き",
        re.compile(
            rf"{_SIGN}{{1,4}}月\s?{_SIGN}{{1,4}}日|(?<=[年:：\s])[ \u3000]{{1,4}}月[ "
            rf"\u3000]{{1,4}}日|[0-9０-９]{{1,2}}月\s?{_SIGN}{{1,4}}\s?日"
            rf"|第{_SIGN}{{1,4}}回|{_SIGN}{{1,4}}[時:：]{_SIGN}{{2}}|(?<![0-9]){_SIGN}{{2,4}}[:：][0-9]{{2}}|20[xXｘＸ*＊?？〇○●]{{2}}年|[0-9]{{2,3}}[xXｘＸ〇○●*＊]年|(?<![A-Za-z])(?:YYYY|yyyy)\s?[年/.-]\s?(?:MM?|mm?)\s?[月/.-]\s?(?:DD?|dd?)日?|(?<![A-Za-z])(?:HH|hh)[:時](?:MM|mm)分?(?![A-Za-z])"
            r"|(?<![A-Za-z0-9])[〇○◯●△▲□■×xXｘＸ＊*？?＿_]{2,4}(?:円|名|人|題|件|歳|%|％|回|時|分|年)"
        ),
    ),
    (
        "埋められていない印",
        re.compile(
            rf"[〇○◯]{{2,}}{_UNIT}?|[〇○◯][一-龥][〇○◯][一-龥]?|[●△▲□×]{{2,}}{_UNIT}|(?<=[:：はがをに])\s?[●△▲□]{{2,}}|(?<![A-Za-z])(?:XX|ＸＸ){_UNIT}"
        ),
    ),
    (
        "仮の文字",
        re.compile(
            r"(?<![A-Za-z])(?:X{3,}|x{3,}|Ｘ{2,}|ｘ{2,})(?![A-Za-z])|(?<![A-Za-z])(?:TBD|"
            r"TBA|TBC|TODO|FIXME|N/A|WIP|lorem ipsum|lorem|dummy)(?![A-Za-z])|(?<![A-Za-z])"
            r"(?:hoge|fuga|piyo|asdf)(?![A-Za-z])"
            r"|(?:サンプル|ダミー|テスト|本文|見出し|タイトル){2,}|【ダミー】|ほげほげ|ああああ|ダミー(?:テキスト|文|画像|です|データ)|サンプル(?:テキスト|文|文章)|テスト(?:投稿|送信|ツイート)|これはテスト|(?:^|[\n【\[(（])テスト(?:です|中|[】\])）])",
            re.IGNORECASE,
        ),
    ),
    (
        "差し込みの記号",
        re.compile(
            r"\{\{[^{}\n]{0,40}\}\}|\{%[^%\n]{0,40}%\}|\$\{[^}\n]{0,40}\}|(?<!\{)\{[A-Za-z_一-龥ぁ-んァ-ヶ][^{}\n]{0,24}\}|<%[^%\n]{0,40}%>|%%?[A-Za-z_]{2,24}%%?(?=[^A-Za-z]|$)(?<=%)|%[sd](?![A-Za-z])|#(?:VALUE|REF|N/A|NAME|DIV/0)[!?]?"
            r"|(?<![A-Za-z])(?:undefined|NaN|null)(?![A-Za-z])|[\[［](?:日付|日時|会場|氏名|名前|URL|リンク|タイトル|金額|講師名?|ここに[^\]］\n]{0,16}|要[^\]］\n]{0,10}|name|date|title|link|insert[^\]\n]{0,20})[\]］]"
            r"|[<＜〈≪《]{1,2}(?:日付|日時|会場|氏名|名前|URL|リンク|タイトル|本文|件名|見出し|講師名?|ここに[^>＞〉\n]{0,16})[>＞〉≫》]{1,2}|[\[［【][^\]］】\n]{0,14}(?:(?:画像|写真|図|URL|リンク|ロゴ|地図|を)挿入|差し?込み|入力|記入|貼り?付け?|添付)[\]］】]|[(（][^)）\n]{0,12}(?:(?:画像|写真|図|URL|リンク|ロゴ|地図|を)挿入|差し?込み|差し?替え)[)）]|[_＿]{3,}|[\[【(（「](?:ここに|後で|あとで|のちほど)[^\])）】」\n]{0,20}(?:入れ|書|挿入|差し替え|追記|記入|貼)[^\])）】」\n]{0,8}[\]】)）」]"
            r"|[(（【\[](?:URL|リンク|日付|日時|会場名|講師名|氏名|住所)(?:を)?(?:入る|挿入|入れる|記入|記載)?[)）】\]](?!\s?[:：])",
            re.IGNORECASE,
        ),
    ),
    (
        "委員どうしの連絡",
        re.compile(
            r"要(?:確認|修正|差し?替え|追記|校正|校閲|加筆|リンク確認)(?=[】\])）」\s。:：!！]|$)|※\s?(?:要確認|修正(?:中|箇所|お願い)|差し?替え|追記予定|校正(?:中|お願い)|確認中)"
            r"|(?:^|\n)(?:下書き|草稿|原稿案?|案|仮)[:：]|ここ(?:から|まで)、?本文|本文は?ここ(?:から|まで)|【(?:仮|案|下書き|ドラフト|draft|修正中|確認中|作成中|校正中|レビュー(?:用|中)|最終案|初稿|第?[0-9一二三]稿|未完|WIP|保留|没|差し?替え(?:予定|前)?|要[^】\n]{1,8}|未確認|未確定)】"
            r"|[(（](?:仮|仮タイトル|仮文|仮置き|確認中|要確認|作成中|未確定|未確認|修正中|文言調整中?)[)）]|(?:確定後|決定後|決まり次第|後日|のちほど|後で|あとで)に?(?:差し?替え|追記|修正|記入|入力|書き換え|直す|埋め|入れる)(?:予定|する|し(?:ます|て)?|$|[)）】])"
            r"|[←⇐]\s?(?:ここ|要|確認|修正|削除|トル|イキ|ママ|差し?替え|この|あと|後で|正しい|間違|合って|これで|本当)|[→⇒]\s?(?:要(?:確認|修正)|修正|削除|トル|差し?替え)|(?:トルツメ|トル(?=[)）】\s])|ママイキ|改行トル|赤字(?:修正|反映))"
            r"|(?:先生|さん|委員)、?(?:ご)?(?:確認|チェック|修正|校正)(?:を)?お願い(?:し|いたし)ます|(?:コピペ|貼り付け)(?:ミス|用)|(?:リンク|URL|アドレス|画像|日程|会場)(?:は|を)?(?:ここに|あとで|後で)?(?:貼る|挿入する|が入ります|を入れる)"
            r"|(?:ここに|この部分に)[^。\n]{0,12}(?:入れ|入力|書|挿入|貼|記載)(?:る|って|ます|$)|ここ(?:を|は|も)?(?:後で)?(?:直し|修正し|変更し|確認し|書き換え|要修正)|[→⇒][^。\n]{0,12}(?:に確認|確認中|要確認)|(?:添削|校正メモ|校正指示|修正指示|修正案)[:：]|#{2,}[^#\n]{1,20}#{2,}|(?:未定|仮)→|(?:確認|承認|了承)(?:して|を取って|を得て|後に|の後)(?:から)?(?:公開|投稿|予約|アップ)(?!し(?:てい|まし)|され)",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
    (
        "空欄",
        re.compile(
            rf"{_LABEL}\s?[】\])]?\s?[:：][ \u3000]*(?=\n(?:[ \u3000]*\n|[◆■●▶▼・*【\[]?\s?{_LABEL}\s?[】\])]?\s?[:：])|\n?\Z)|「\s*」|『\s*』|【\s*】|https?://(?=\s|\Z|[、。」）)])"
        ),
    ),
    (
        "見本のアドレス",
        re.compile(
            r"(?:https?://)?(?:www\.)?(?:[a-z0-9-]+\.)*example\.(?:com|org|net|jp|co\.jp)[^\s、。」）)]*|https?://(?:xxx+|\*+|〇+|○+|●+)\S*|(?:xxx+|〇+|○+|●+)@\S+|[A-Za-z0-9._-]+@example\.\S+|0[0-9]{1,3}-?[xX〇○●*]{2,4}-?[xX〇○●*]{2,4}",
            re.IGNORECASE,
        ),
    ),
)
_MARKUP = re.compile(
    r"\*\*[^*\n]{1,60}\*\*|__[^_\n]{1,60}__|^#{1,6}\s(?=\S)|\[[^\]\n]{1,60}\]\(https?://[^)\s]+\)|</?(?:br|p|b|strong|i|em|a|div|span|h[1-6]|ul|li|img|font)(?:\s[^<>\n]{0,80})?/?>|&(?:nbsp|amp|lt|gt|quot|#[0-9]{2,5});|```|\\[nrt](?![A-Za-z])",
    re.MULTILINE | re.IGNORECASE,
)
_REPEATED = re.compile(
    r"(?P<word>[ぁ-んァ-ヶ一-龥]{2,8}?(?:を|が|は|に|で|の|と|へ))(?P=word)|(?:をを|がが(?!ん)|(?<!な)にに|、、|(?<!。)。。(?!。)|ましたました|しますします|ですです)"
)
_PLACES = 6


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Blanks and notes block; markup and doubled words warn."""
    del lexicon
    taken: list[tuple[int, int]] = []
    for name, pattern in _BLANKS:
        for match in list(pattern.finditer(reading.text))[:_PLACES]:
            start, end = match.span()
            if start == end or any(s < end and start < e for s, e in taken):
                continue
            taken.append((start, end))
            reason = f"「{reading.quote(start, end)}」という{name}が残っています。"
            yield Found(start, end, reason, "正しい内容を入れるか、消してください。")
    for match in _MARKUP.finditer(reading.text):
        if any(s < match.end() and match.start() < e for s, e in taken):
            continue
        reason = f"「{reading.quote(*match.span())}」という書式の記号が、そのまま読者に見えます。"
        yield Found(match.start(), match.end(), reason, "記号を消してください。", Severity.WARN)
    for match in _REPEATED.finditer(reading.words):
        reason = f"「{reading.quote(*match.span())}」は、同じ言葉が続けて打たれています（衍字）。"
        yield Found(match.start(), match.end(), reason, "重なりを消してください。", Severity.WARN)
