"""Random values: names, cities and numbers that a dialogue tells and asks for.

Most are made up afresh each time, from syllables, from the tokenizer's own pieces or from random characters, so that
copying is learnt rather than a list. Nothing in `held_out` is ever returned.
"""

# Word lists read better as text than as lists of quoted words.
# ruff: noqa: SIM905, E501
# fmt: off

from __future__ import annotations

from random import Random

from training.corpus.held_out import EXCLUDED

_ONSETS = (
    "b c d f g h j k l m n p r s t v w y z br ch cl cr dr fl fr gl gr kl kr ph pl pr qu sh sl sp st th tr tw vl wh x"
).split()
_VOWELS = "a e i o u a e i o u a e i o ai au ea ee ei ia ie io oa oo ou ue y".split()
_CODAS = (
    "b ck d ff g gh l ll m mm n nn nd nt ng p pp r rr rd rt rn s ss st t tt th x z ld lm ns ct ph sh tch v w sk"
).split()
_NAME_ENDS = "a ia ie y o us en el ina ette ard bert mund wen rick son ley ton lyn eth as is ora elle iana".split()
_CITY_ENDS = (
    "ton ville burg berg ford port bridge mouth stadt ham ia o a grad field ster haven dale borough bury "
    "polis abad pur ingen hagen vik sk an ona ino ez"
).split()
_NAMES = (
    "Alice Bob Tom Anna Maria John Peter Paul Lucy Emma Oliver Jack Harry George Noah Liam Mia Zoe Ella Grace Chloe "
    "Sarah Laura Julia Kate Helen Jane Mary Rose Lily Daisy Ivy Ruby Amber Hannah Naomi Eva Nina Tina Lena Clara Sofia "
    "David Daniel Michael James Robert William Henry Charles Edward Frank Mark Luke Simon Adam Ben Sam Max Leo Theo "
    "Felix Oscar Hugo Victor Martin Ivan Igor Boris Olga Tanya Yuki Ken Akira Mei Ling Wei Chen Ravi Anil Sunita Omar "
    "Ali Fatima Aisha Hassan Yusuf Carlos Juan Pedro Luis Elena Carmen Pablo Diego Lars Erik Astrid Freya Bjorn Sven "
    "Pierre Marie Claude Amelie Hans Greta Klaus Fritz Marco Luca Paolo Giulia Bianca Sean Patrick Bridget Nora Owen "
    "Rhys Megan Angus Fiona Ewan Kofi Amara Zuri Tariq Leila Noor Samir Dara Kim Min Jin Anders Emil Ida Johan Rosa "
    "Betty Molly Jerry Larry Barry Abby Libby Penny Jenny Danny Kenny Billy Sally Holly Polly Tommy Jimmy"
).split()
_CITIES = (
    "London Paris Berlin Madrid Rome Vienna Prague Warsaw Lisbon Dublin Oslo Stockholm Helsinki Copenhagen Athens "
    "Budapest Moscow Kyiv Istanbul Cairo Lagos Nairobi Accra Tunis Delhi Mumbai Tokyo Kyoto Seoul Beijing Shanghai "
    "Hanoi Bangkok Manila Jakarta Sydney Perth Auckland Boston Chicago Dallas Denver Seattle Miami Houston Toronto "
    "Ottawa Lima Quito Bogota Santiago Caracas Havana Geneva Zurich Munich Hamburg Milan Naples Turin Venice Lyon "
    "Marseille Nice Porto Seville Valencia Bristol Leeds York Oxford Cambridge Glasgow Cardiff Belfast Cork Bergen "
    "Krakow Sofia Riga Vilnius Minsk Tbilisi Baku Tehran Baghdad Amman Doha Dubai Karachi Lahore Dhaka"
).split()
_TWO_WORDS = (
    "New York|San Francisco|Los Angeles|Buenos Aires|Hong Kong|Cape Town|Mexico City|Kuala Lumpur|Tel Aviv|"
    "New Delhi|Santa Fe|Las Vegas|San Diego|Port Louis|Addis Ababa|Rio Grande|Salt Lake City|Den Haag"
).split("|")
_ACCENTS = str.maketrans({"e": "é", "o": "ö", "u": "ü", "a": "á", "n": "ñ"})

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武"
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉红文建国海燕春梅兰云龙凤鑫宇浩天雪莹佳琪欣怡思雅婷美玲志勤学友安乐福康宁毅俊峰保东辉力永健"
    "世广义兴良山仁波贵生元全胜祥才发武新利清飞彬富顺信子昌成星光达岩中茂进林有坚和博诚先敬震振群豪邦承绍功松善厚庆民裕河哲江亮政谦奇翰朗伯宏言若"
    "鸣朋斌梁栋维启克伦翔旭鹏泽晨辰家致树炎德行时泰盛雄琛钧冠策腾楠榕风航弘慧巧淑惠珠翠芝萍娥芬彩菊洁琳素莲真环荣爱香月莺媛瑞凡嘉琼珍贞莉叶璐晶茜"
    "秋珊莎锦黛青倩婉瑾颖露瑶雁仪荷丹蓉眉君琴蕊薇梦岚馨韵融园艺咏卿聪澜纯悦昭冰爽茗羽希育柔竹凝晓欢霄枫芸菲寒伊亚宜可舒影枝阳妮宝初恒鸿娇灵晴容睿"
    "唯威雯萱彦雨忠宗曼紫逸贤蝶烟轩涵桐诗然一心语书沐"
)
_NICK = "小老阿大"
# No name has one: around a made-up name that does, nobody could tell where it ends.
_FUNCTION = "的了着过吗呢吧呀啊嘛么我你您他她它们咱俺这那哪谁什啥个是在叫住喊说跟与把被让给从向到就都也还没不很最更再又才只要会能请问且并但而或"
# Of everyday words: a model that never sees a name end in one cuts it there.
_EVERYDAY = "然天明行远家人时来好正可和同学生日月年心语言文书思有大中见知道开方"
_CITIES_ZH = (
    "北京 上海 广州 深圳 天津 重庆 南京 杭州 苏州 武汉 成都 西安 青岛 大连 沈阳 长春 哈尔滨 济南 郑州 长沙 "
    "南昌 合肥 福州 厦门 南宁 昆明 贵阳 兰州 太原 海口 三亚 拉萨 香港 澳门 台北 东京 首尔 巴黎 伦敦 纽约 柏林 "
    "罗马 莫斯科 悉尼 曼谷 新加坡 开罗 多伦多"
).split()
_SOUNDS = (  # Of foreign names.
    "阿巴贝比博布查达德迪杜多埃恩法菲弗加格古哈赫霍伊杰卡凯科克库拉莱雷里利列林洛罗卢鲁马迈曼梅米莫姆穆纳内尼诺帕佩皮普奇乔瑞萨塞沙什斯苏索塔泰特"
    "提图托瓦维威沃西希雅亚扬耶约泽兹安奥本宾波伯彻茨戴丹道登丁顿东敦尔福盖冈根海汉豪华怀惠基吉金君肯昆朗劳勒黎留隆伦麦芒门蒙敏明默南宁纽努欧潘庞"
    "彭平珀齐恰钱切琴琼丘让热荣赛桑瑟森山珊绍舍申圣施史舒松孙坦汤陶腾田廷通万旺韦温文乌武香肖谢辛兴休许延杨尧叶因英尤扎詹章珍芝朱宗佐娜莉莎丝露妮"
    "琳蒂茜薇"
)
_PLACES = "州阳山江海城宁口林川安门昌京东西南北原沙头台定平河湖津港关岭泉溪"  # What names of places end with.
_ABROAD = "顿 敦 堡 本 华 格 斯 特 尔 克 姆 兰 坦 德 港 利亚 维尔 伯格 福德 维亚 尼亚".split()
COMMON = [
    character
    for high in range(0xB0, 0xD8)
    for low in range(0xA1, 0xFF)
    for character in bytes([high, low]).decode("gb2312", "ignore")
    if character not in _FUNCTION
]
NAMING = sorted({*_SURNAMES, *_GIVEN, *_NICK, *_SOUNDS, *_PLACES, *"".join((*_ABROAD, *_CITIES_ZH))})
"""The characters that most names and cities are made of."""


class Values:
    """Draws values with one random generator.

    `pieces` are the vocabulary's own: words are made of its Latin letters, names of its Chinese characters. It may be
    empty, when there is no vocabulary yet.
    """

    def __init__(self, random: Random, pieces: list[str]) -> None:
        self.random = random
        self._starts = [piece.lower() for piece in pieces if piece.isascii() and piece[0].isupper()]
        self._pieces = [piece for piece in pieces if piece.isascii() and piece[0].islower()]
        self._familiar = [piece for piece in pieces if not piece.isascii() and piece not in _FUNCTION] or COMMON

    def _made_up(self, ends: list[str]) -> str:
        random = self.random
        if self._pieces and random.random() < 0.5:
            parts = random.choices(self._pieces, k=random.randint(1, 4))
            if random.random() < 0.3:  # as a capitalised word starts
                parts[0] = random.choice(self._starts)
            if random.random() < 0.15:  # what came once comes again, maybe with another continuation
                parts.insert(random.randint(1, len(parts)), random.choice(parts))
            word = "".join(parts)[:14]
            return word if len(word) > 2 else word + random.choice(ends)
        word = ""
        for _ in range(random.choice((1, 1, 1, 2, 2))):
            word += random.choice(_ONSETS) if random.random() < 0.85 or word else ""
            word += random.choice(_VOWELS)
            word += random.choice(_CODAS) if random.random() < 0.5 else ""
        return word + random.choice(ends) if random.random() < 0.75 or len(word) < 3 else word

    def _characters(self, count: int) -> str:
        """Chinese characters: of the corpus' own text, of names, common, of names and everyday words, or some of each."""
        kinds = ((self._familiar,), (NAMING,), (COMMON,), (_EVERYDAY, NAMING), (self._familiar, NAMING, COMMON))
        pools = self.random.choice(kinds)
        return "".join(self.random.choice(self.random.choice(pools)) for _ in range(count))

    def _allowed(self, draw: str) -> bool:
        return not any(word.lower() in EXCLUDED for word in draw.split())

    def name_en(self) -> str:
        """An English name, sometimes with a surname."""
        while True:
            kind = self.random.random()
            name = self.random.choice(_NAMES) if kind < 0.25 else self._made_up(_NAME_ENDS).capitalize()
            if kind > 0.97:
                name = name[0] + name[1:].translate(_ACCENTS)
            if self.random.random() < 0.08:
                name += " " + self._made_up(_NAME_ENDS).capitalize()
            if self._allowed(name):
                return name

    def city_en(self) -> str:
        """An English city name, sometimes of two words."""
        while True:
            kind = self.random.random()
            if kind < 0.25:
                city = self.random.choice(_CITIES)
            elif kind < 0.3:
                city = self.random.choice(_TWO_WORDS)
            else:
                city = self._made_up(_CITY_ENDS).capitalize()
                if kind > 0.96:
                    city = self.random.choice(("New", "San", "Port", "Saint", "El", "North")) + " " + city
            if self._allowed(city):
                return city

    def name_zh(self) -> str:
        """A Chinese name: nickname, surname and given name, transliteration, or random characters."""
        random = self.random
        while True:
            kind = random.random()
            if kind < 0.2:
                given = self._characters(1) if random.random() < 0.7 else random.choice(_GIVEN)
                name = random.choice(_NICK) + given
            elif kind < 0.45:
                count = random.choice((1, 2, 2))
                given = self._characters(count) if random.random() < 0.6 else "".join(random.choices(_GIVEN, k=count))
                name = random.choice(_SURNAMES) + given
            elif kind < 0.65:
                name = "".join(random.choice(_SOUNDS) for _ in range(random.choice((2, 2, 3, 3, 4))))
            elif kind < 0.75:
                name = "".join(random.choices(_GIVEN, k=2))
            else:
                name = self._characters(random.choice((2, 2, 2, 3, 3)))
            if name not in EXCLUDED and name[1:] not in EXCLUDED:
                return name

    def city_zh(self) -> str:
        """A Chinese city name."""
        random = self.random
        while True:
            kind = random.random()
            if kind < 0.25:
                city = random.choice(_CITIES_ZH)
            elif kind < 0.5:
                city = "".join(random.choice(_SOUNDS) for _ in range(random.choice((2, 3, 3, 4))))
                city = city[:-1] + random.choice(_ABROAD) if random.random() < 0.4 else city
            elif kind < 0.7:
                city = self._characters(1) + random.choice(_PLACES)
            else:
                city = self._characters(random.choice((2, 2, 2, 3)))
            if random.random() < 0.1:
                city += random.choice("市城州县镇")
            if city not in EXCLUDED and city[:-1] not in EXCLUDED:
                return city

    def age(self) -> str:
        """An age in years, as digits."""
        return str(self.random.randint(3, 99))

    def number(self) -> str:
        """A number of one to five digits."""
        digits = self.random.choice((1, 2, 2, 2, 3, 3, 3, 4, 4, 5))
        return str(self.random.randint(10 ** (digits - 1), 10**digits - 1))

    def word_en(self) -> str:
        """A lower-case word that means nothing."""
        while True:
            word = self._made_up(["a", "y", "el", "er", "in", "o", "um", "et", "ing", "le"])
            if word not in EXCLUDED:
                return word

    def word_zh(self) -> str:
        """Two or three random characters."""
        return self._characters(self.random.choice((2, 2, 3)))
