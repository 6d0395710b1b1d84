"""What the generator must never use: the names and cities of the held-out suite."""

# Word lists read better as text than as lists of quoted words.
# ruff: noqa: SIM905
# fmt: off

from __future__ import annotations

NAMES_EN = (
    "Octavia Philippa Anneliese Aurelia Thaddeus Beatrix Cordelia Desmond Evangeline Fergus Gwendolyn Horatio Imogen "
    "Jemima Kendrick Leopold Marigold Nathaniel Ophelia Percival Quentin Rosalind Sebastian Tabitha Ulysses Valentina "
    "Wilhelmina Xavier Yolanda Zachariah Barnaby Clementine Dorothea Ephraim Florian Griselda Hamish Isolde Jasper "
    "Katarina Lysander Millicent Ada Rupert Saoirse Tobias Ursula Winifred Priya Hiroshi Ngozi Kwame Ingrid Matteo "
    "Svetlana Dmitri Annabelle Maddox Emmett Bennett Phillip Colleen"
).split()
CITIES_EN = (
    "Edinburgh Strasbourg Akureyri Ljubljana Marrakesh Valparaiso Winnipeg Adelaide Bordeaux Cincinnati Dusseldorf "
    "Eindhoven Freiburg Gothenburg Halifax Innsbruck Jacksonville Kathmandu Lausanne Montevideo Nashville Osaka "
    "Plymouth Quebec Rotterdam Salzburg Tallinn Utrecht Vancouver Wellington Zagreb Philadelphia Mississauga Aberdeen "
    "Novosibirsk Guadalajara Samarkand Bratislava Antwerp Khartoum"
).split()
NAMES_ZH = (
    "婉清 梓涵 浩然 雨桐 子轩 诗琪 俊熙 佳怡 宇航 欣妍 志强 晓峰 慕白 若曦 承泽 语嫣 景行 知远 书瑶 明轩 "
    "楚翘 沐辰 嘉懿 泽楷 颖慧 鹏飞 爱达 露西亚 克莱尔 塞巴斯 欧菲莉 奎恩 朱丽叶 罗莎琳 维罗妮 伊莎贝 多萝西 哈米什 "
    "海伦娜 温妮"
).split()
CITIES_ZH = (
    "洛阳 绍兴 佛山 珠海 桂林 烟台 威海 扬州 镇江 芜湖 赣州 遵义 宜宾 咸阳 银川 西宁 包头 鞍山 吉林 汕头 "
    "爱丁堡 蒙特利尔 波尔图 苏黎世 墨尔本 温哥华 布拉格 坦佩雷 鹿特丹 开普敦"
).split()

EXCLUDED = frozenset(word.lower() for word in NAMES_EN + CITIES_EN + NAMES_ZH + CITIES_ZH)
