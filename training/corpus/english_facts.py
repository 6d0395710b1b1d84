"""English: facts, how they are told, asked for and answered, and the word pools they draw from."""

from __future__ import annotations

from training.corpus.facts import Fact

POOLS: dict[str, list[str]] = {
    "relation": (
        "dog|cat|horse|rabbit|parrot|hamster|pony|goldfish|tortoise|puppy|kitten|sister|brother|mother|father|mum|dad|son|daughter|wife|"
        "husband|best friend|friend|teacher|boss|neighbour|cousin|uncle|aunt|grandmother|grandfather|roommate|doctor|"
        "dentist|coach|colleague|partner|niece|nephew|landlord|baby|twin|manager|girlfriend|boyfriend|tutor|boat|car|robot|band|team|school|company|village|street"
    ).split("|"),
    "thing": (
        "colour|color|food|animal|fruit|drink|sport|season|book|film|movie|song|flower|subject|game|ice cream|vegetable|"
        "tree|bird|singer|writer|snack|cake|dessert|toy|hobby|dish|tea|cheese|instrument|planet|month|day"
    ).split("|"),
    "numbered": (
        "lucky|favourite|locker|room|seat|house|bus|ticket|order|flight|PIN|phone|platform|table|badge|lottery|gate|customer|"
        "shirt|bike|booking|apartment|parking|student|card"
    ).split("|"),
    "object": (
        "key|keys|phone|book|wallet|passport|umbrella|hat|camera|letter|ring|bag|glasses|charger|ticket|map|guitar|watch|"
        "notebook|coat|ball|torch|laptop|gloves|medicine|scarf|pen|diary|remote|bicycle"
    ).split("|"),
    "place": (
        "drawer|kitchen|garage|garden|car|fridge|attic|cellar|blue box|red bag|office|cupboard|bathroom|hall|shed|"
        "bedroom|desk|closet|suitcase|basket|top shelf|oven|mailbox|library|piano|green jar|tool box|boat|locker|tent"
    ).split("|"),
    "job": (
        "teacher|nurse|baker|doctor|farmer|pilot|painter|plumber|engineer|writer|singer|cook|driver|gardener|lawyer|"
        "student|builder|dancer|librarian|programmer|dentist|sailor|tailor|butcher|carpenter|firefighter|florist|actor|"
        "barber|scientist|musician|photographer|mechanic|waiter|translator|architect|electrician|judge|vet|potter"
    ).split("|"),
    "hobby": (
        "painting|swimming|chess|cooking|reading|gardening|running|cycling|fishing|singing|dancing|hiking|knitting|"
        "photography|skating|climbing|sailing|baking|drawing|yoga|tennis|pottery|archery|surfing|juggling|origami|"
        "birdwatching|woodwork|astronomy|karate"
    ).split("|"),
    "favourite": (
        "blue|red|green|purple|orange|yellow|black|white|pink|silver|pizza|noodles|soup|rice|bread|cheese|pasta|salad|"
        "curry|sushi|pancakes|dumplings|apples|bananas|mangoes|cherries|grapes|strawberries|tea|coffee|lemonade|cocoa|"
        "milk|football|tennis|hockey|rugby|chess|poker|spring|summer|autumn|winter|roses|tulips|lilies|daisies|tigers|"
        "pandas|otters|owls|penguins|dolphins|foxes|rabbits|elephants|history|maths|music|art|vanilla|chocolate|mint|"
        "carrots|peas|potatoes|oak|birch|robins|ravens|turquoise|crimson|jazz|honey|waffles|the violin|the piano|Mars|Saturn"
    ).split("|"),
    "month": "January February March April May June July August September October November December".split(),
    "year": [str(year) for year in range(1940, 2021)],
}

FACTS: tuple[Fact, ...] = (
    Fact(
        "name",
        "name_en",
        (
            "my name is {v}",
            "my name's {v}",
            "I am {v}",
            "I'm {v}",
            "(I am|I'm) (called|named|known as) {v}",
            "(|all |most |other )(people|everyone|they|friends|folks|all|colleagues) (call|name|know) me (|as ){v}",
            "my (friends|family|parents|mum|boss|classmates|team) (call|calls|named|name|know) me {v}",
            "(you can|you may|please|just|feel free to|you should|do|simply) call me {v}",
            "call me {v}",
            "(the|my full|my real|my first|my given|my own|my proper) name is {v}",
            "{v} is (my name|what I am called|what people call me|who I am|the name|what they call me|the name I use|how I am known|the name my parents gave me)",
            "I (go by|answer to|use the name|sign as|go by the name of|carry the name|bear the name|was given the name|got the name) {v}",
            "(they|my parents) (gave me the name|named me|call me|chose the name) {v}",
            "(this is|here is|it is|it's) {v}",
            "the name I (was given|go by|use|have|got at birth) is {v}",
            "I was (named|called|christened) {v} (|at birth|by my parents|when I was born)",
            "you are (talking|speaking|chatting) (to|with) {v}",
            "I (introduce|present) myself as {v}",
            "on (paper|my door|my card|my letters|the list) (it says|I am|my name is) {v}",
            "(everyone|everybody|the world) knows me (as|by the name) {v}",
            "(I would|I'd) like (you to call me|to be called|to be known as) {v}",
        ),
        (
            "what is my name",
            "what's my name",
            "what was my name(| again)",
            "who am I",
            "(can|could|would) you (tell|remind) me (|of )my name",
            "do you (still |)(know|remember|recall|have) (my name|who I am|what I am called|what my name is|what to call me)",
            "(say|tell me|give me|write|repeat) my name",
            "what (am I called|do people call me|do you call me|should you call me|do they call me|name did I (give|tell) you|name do I have|name do I go by)",
            "which name (did I (give|tell|say)|is mine|do I have|do I use|belongs to me)",
            "how (do people|do you|should you|do they) (call|name|address) me",
            "by what name (am I known|do you know me|do I go)",
            "remind me(| of|,) (my name|who I am|what I am called)",
            "(tell me|say) (who I am|what I am called|what my name is)",
            "(who are you (talking|speaking|chatting) (to|with)|who is (talking|speaking|chatting) (to|with) you)",
            "have you (forgotten|remembered|kept|noted) my name",
            "what did I (say|tell you) (my name (is|was)|I am called|I was called)",
            "I (forgot|want to hear|would like to hear|need) my (own |)name",
            "(my name|my name, please|name please|and my name|you know my name, right)",
        ),
        "your name is {v}",
        "your name",
        greet=True,
        weight=5,
        told_alone=("{v} here", "{v}, (pleased|nice|glad) to meet you", "it's me, {v}", "(name|my name): {v}", "{v}", "the name's {v}"),
    ),
    Fact(
        "home",
        "city_en",
        (
            "I live in {v}",
            "I am living in {v}",
            "I (live|stay|dwell|reside|am settled) (|now |at present |these days )in {v}",
            "my home is (in |){v}",
            "{v} is (where I live|my home|my city|the city I live in|where my home is|my home city|the place where I live|where I stay)",
            "I (have|have got|own|rent) (a house|a flat|a home|an apartment|a room|a place) in {v}",
            "(we|my family and I) live in {v}",
            "(my|the) city (I live in |)is {v}",
            "the (place|city|town) (where I live|I live in|I call home|where my house is) is {v}",
            "I (make my home|spend my days|have my home|have lived|have been living) in {v}(| for years| for a long time| since spring)",
            "my (house|address|place|apartment) is in {v}",
            "I (reside in|call home|inhabit|am a resident of|am based in) {v}",
            "(at the moment|right now|these days|nowadays) I live in {v}",
            "(home|my hometown now) is {v}(| for me)",
            "(I am|I'm) (at home in|settled in) {v}",
        ),
        (
            "where do I live",
            "where (am I living|do I stay|is my home|is my house|do I reside|am I at home|am I based)",
            "(in |)(what|which) (city|town|place) (do I live(| in)|am I living in|is my home|do I call home)",
            "what is my (city|home city|home town|town|place of residence)",
            "do you (still |)(know|remember|recall) (where I live|my city|what city I live in|where my home is)",
            "(tell me|can you tell me|could you tell me|remind me|say) (where I live|which city I live in|the city I live in|where my home is|my city)",
            "what (did I say|did I tell you|do you know) about where I live",
            "where did I (say|tell you) (that |)I live",
            "(name|give me) (the city I live in|my city|my home city)",
            "which city did I (say|tell you) I live in",
            "(and where I live|my home|my city, please)",
        ),
        "you live in {v}",
        "where you live",
        weight=3,
    ),
    Fact(
        "origin",
        "city_en",
        (
            "I was born in {v}",
            "I (come|am) (from|originally from) {v}",
            "I grew up in {v}",
            "my (birthplace|place of birth) is {v}",
            "{v} is (where I was born|my birthplace|where I come from|where I grew up|the city I was born in)",
            "I am a (child|native) of {v}",
            "my (family|life) (comes from|began in|started in) {v}",
        ),
        (
            "where was I born",
            "where (do I come from|am I from|did I grow up)",
            "(which|what) (city|town|place) (was I born in|do I come from|am I from)",
            "what is my (birthplace|place of birth)",
            "do you (know|remember|recall) where I (was born|come from|am from)",
            "(tell me|remind me|say) where I (was born|come from|am from)",
            "where did I (say|tell you) I (was born|come from)",
        ),
        "you come from {v}",
        "where you come from",
        weight=1.2,
    ),
    Fact(
        "age",
        "age",
        (
            "I am {v}(| years old)",
            "I'm {v} years old",
            "my age is {v}",
            "I (turned|just turned|have just turned|became) {v}(| this year| last week| yesterday)",
            "I have (lived|been alive) (for |){v} years",
            "{v} is (my age|how old I am)",
            "at {v} (years old |)I am (no child|still young|happy)",
        ),
        (
            "how old am I",
            "what is my age",
            "what's my age",
            "do you (know|remember|recall) (my age|how old I am)",
            "(tell me|remind me|say|can you tell me) (how old I am|my age)",
            "how old did I (say|tell you) I (am|was)",
            "how many years (old am I|have I lived)",
        ),
        "you are {v} years old",
        "how old you are",
        weight=1.5,
    ),
    Fact(
        "job",
        "job",
        (
            "I am (a|the) {v}",
            "I work as a {v}",
            "my job is {v}",
            "I (earn my living|make a living|am employed|am paid) as a {v}",
            "I am a {v} (by trade|by profession|for a living)",
            "my (profession|occupation|trade|work) is {v}",
        ),
        (
            "what is my job",
            "what (do I do|work do I do|do I work as|am I by trade)(| for a living)",
            "what is my (profession|occupation|trade|work)",
            "do you (know|remember|recall) (my job|what I do|what I work as)",
            "(tell me|remind me|say) (my job|what my job is|what I work as)",
            "what did I (say|tell you) (my job is|I do)",
        ),
        "you work as a {v}",
        "what your job is",
    ),
    Fact(
        "hobby",
        "hobby",
        (
            "my hobby is {v}",
            "I (like|love|enjoy|am fond of|am mad about|am into) {v}",
            "in my (free|spare) time I (do|like|enjoy) {v}",
            "{v} is (my hobby|what I like to do|what I do for fun)",
        ),
        (
            "what is my hobby",
            "what do I (like to do|enjoy|love|do for fun|do in my free time)",
            "do you (know|remember|recall) (my hobby|what I like)",
            "(tell me|remind me of) my hobby",
        ),
        "your hobby is {v}",
        "what your hobby is",
    ),
    Fact(
        "relation",
        "name_en",
        (
            "my {k} is (called|named) {v}",
            "my {k}'s name is {v}",
            "the name of my {k} is {v}",
            "I have a {k} (called|named|whose name is) {v}",
            "I (call|named|call) my {k} {v}",
            "{v} is (my {k}|the name of my {k}|my {k}'s name|what I call my {k}|what we call my {k})",
            "my {k} (is|goes by|answers to) {v}",
            "we (call|named) (our|my|the) {k} {v}",
            "{v} is what my {k} is called",
            "there is my {k}, (called |){v}",
        ),
        (
            "what is my {k}'s name",
            "what's my {k} called",
            "what is my {k} called",
            "what is the name of my {k}",
            "who is my {k}",
            "do you (still |)(know|remember|recall) (my {k}'s name|the name of my {k}|what my {k} is called|my {k})",
            "(tell me|remind me of|say|give me|can you tell me) (my {k}'s name|the name of my {k})",
            "(tell me|remind me|say) what my {k} is called",
            "how (do I|do we) call my {k}",
            "what (name did I give|do I call|did I call) my {k}",
            "which name (does my {k} have|did I say my {k} has)",
            "what did I (say|tell you) my {k} is called",
        ),
        "your {k}'s name is {v}",
        "your {k}'s name",
        keys="relation",
        weight=3.5,
    ),
    Fact(
        "favourite",
        "favourite",
        (
            "my favourite {k} is {v}",
            "my favorite {k} is {v}",
            "{v} is my favourite {k}",
            "the {k} I (like|love|prefer) (most|best|above all) is {v}",
            "of all (the {k}s|{k}s) I (like|love|prefer) {v}(| most| best)",
            "when it comes to {k}, I (like|love|choose|prefer) {v}",
            "as for {k}, (I like|I love|mine is) {v}",
            "the best {k} (for me |)is {v}",
        ),
        (
            "what is my favourite {k}",
            "what's my favorite {k}",
            "which {k} do I (like|love|prefer)(| most| best)",
            "do you (know|remember|recall) my (favourite|favorite) {k}",
            "(tell me|remind me of|say|name) my (favourite|favorite) {k}",
            "what did I (say|tell you) my favourite {k} is",
            "what {k} do I (like|love|prefer)(| most| best)",
            "which {k} is my favourite",
        ),
        "your favourite {k} is {v}",
        "your favourite {k}",
        keys="thing",
        weight=2.5,
    ),
    Fact(
        "number",
        "number",
        (
            "my {k} number is {v}",
            "{v} is my {k} number",
            "the number of my {k} is {v}",
            "my {k} has (the |)number {v}",
            "I have {k} number {v}",
            "for my {k} (the number|it) is {v}",
            "the {k} number (I have|they gave me|I got|I was given) is {v}",
            "(they gave me|I got|I was given|I chose|I remember) {k} number {v}",
            "number {v} is my {k}",
        ),
        (
            "what is my {k} number",
            "what's my {k} number",
            "what is the number of my {k}",
            "which number (is|has) my {k}",
            "which {k} number (do I have|is mine|did I get|did I tell you)",
            "do you (know|remember|recall|have) my {k} number",
            "(tell me|remind me of|say|give me|repeat) my {k} number",
            "what did I (say|tell you) my {k} number is",
            "my {k} number(|, please)",
            "can you (tell|give) me my {k} number",
        ),
        "your {k} number is {v}",
        "your {k} number",
        keys="numbered",
        weight=3,
    ),
    Fact(
        "put",
        "place",
        (
            "I put my {k} in the {v}",
            "I (left|hid|placed|kept|laid|stored) my {k} in the {v}",
            "my {k} (is|are) in the {v}",
            "you can find my {k} in the {v}",
            "the {v} is where (I put my {k}|my {k} is|I keep my {k})",
        ),
        (
            "where (is|are) my {k}",
            "where did I (put|leave|hide|place|keep) my {k}",
            "do you (know|remember) where (my {k} is|I put my {k})",
            "(tell me|remind me) where (my {k} is|I put my {k})",
            "where (should I look for|can I find) my {k}",
            "I can't find my {k}, where (is|are) (it|they)",
        ),
        "you put your {k} in the {v}",
        "where your {k} is",
        keys="object",
        weight=1.5,
    ),
    Fact(
        "trip",
        "city_en",
        (
            "I am (going|travelling|flying|driving) to {v}(| soon| next week| tomorrow| in summer| on Friday)",
            "(tomorrow|next week|next month|on Friday|in summer|soon) I (go|fly|travel|will go|will fly|will travel) to {v}",
            "my (next |)(trip|journey|holiday|flight) is to {v}",
            "I have (a ticket|a flight|a train) to {v}",
            "I (plan|want) to (visit|see) {v}(| soon| next year)",
            "{v} is (where I am going|my next trip|where I will travel)",
        ),
        (
            "where am I (going|travelling|flying)",
            "where (do I|will I) (go|travel|fly)(| next| soon)",
            "(which|what) city (am I going to|will I visit|do I want to visit)",
            "do you (know|remember) where I am (going|travelling)",
            "(tell me|remind me) where I am (going|travelling)",
            "where is my (next |)(trip|journey|flight) to",
        ),
        "you are going to {v}",
        "where you are going",
        weight=1.2,
    ),
    Fact(
        "birthday",
        "month",
        (
            "my birthday is in {v}",
            "I was born in the month of {v}",
            "I (have|celebrate) my birthday in {v}",
            "{v} is (the month of my birthday|my birthday month)",
        ),
        (
            "when is my birthday",
            "(in |)(which|what) month is my birthday",
            "do you (know|remember) (when my birthday is|my birthday)",
            "(tell me|remind me) when my birthday is",
        ),
        "your birthday is in {v}",
        "when your birthday is",
        weight=0.6,
    ),
    Fact(
        "lives",
        "city_en",
        (
            "{k} lives in {v}",
            "{v} is where {k} lives",
            "{k} has a (house|flat) in {v}",
            "{k}'s home is (in |){v}",
            "{k} (moved to|has settled in) {v}",
        ),
        (
            "where does {k} live",
            "(which|what) city does {k} live in",
            "do you (know|remember) where {k} lives",
            "(tell me|remind me) where {k} lives",
            "where is {k}'s home",
        ),
        "{k} lives in {v}",
        "where {k} lives",
        keys="name_en",
        weight=1.2,
    ),
    Fact(
        "likes",
        "favourite",
        (
            "{k} likes {v}",
            "{k}'s favourite thing is {v}",
            "{k} (loves|prefers|is fond of|is mad about) {v}",
            "{v} is what {k} likes",
        ),
        (
            "what does {k} (like|love|prefer)",
            "do you (know|remember) what {k} likes",
            "(tell me|remind me) what {k} likes",
        ),
        "{k} likes {v}",
        "what {k} likes",
        keys="name_en",
        weight=0.8,
    ),
    Fact(
        "secret",
        "word_en",
        (
            "(the|my|our) (password|secret word|code word|magic word) is {v}",
            "{v} is the (password|secret word|code word)",
        ),
        (
            "what is (the|my|our) (password|secret word|code word|magic word)",
            "do you (know|remember) the (password|secret word|code word)",
            "(tell me|remind me of|say|give me) the (password|secret word|code word)",
        ),
        "the secret word is {v}",
        "the secret word",
        keys="",
        weight=1.0,
    ),
)

# How a clause becomes a message.
WRAPS = (
    "{c}", "{c}", "{c}", "{c}", "{c}", "{c}", "(hi|hello|hey|good morning|good evening|hi there)(,|!|.) {c}", "by the way, {c}", "{c}, by the way",
    "(well|so|ok|oh|now|look|listen|right|also|anyway|actually|yes|you know), {c}", "(please |)(remember|note|keep in mind|don't forget|know)(| that|:) {c}",
    "(I want to tell you|I should say|let me tell you|I must say|just so you know|for your information|I'd like to add|you should know)(:|,| that) {c}",
    "{c}, (you know|just so you know|if you want to know|in case you wonder|please remember that|I tell you|of course)",
    "(one more thing|another thing|something else|first of all|to begin with|a fact about me|fun fact)(:|,) {c}",
    "(fine|thanks|thank you|great|good|nice)(,|.|!) {c}", "(I think |as I said, |in fact, |to tell the truth, |honestly, |since you ask, ){c}",
    "{c}, (and you|what about you|nice, isn't it|isn't that nice)",
)
JOINS = ("{a} and {b}", "{a}, and {b}", "{a}. {B}", "{a}; {b}", "{a}, {b}", "{a} and also {b}", "{a}. Also, {b}", "{a}, but {b}", "{a} while {b}")
ASK_WRAPS = (
    "{q}?", "{q}?", "{q}?", "{q}?", "{q}?", "{q}", "(so|now|and|ok|well|hey|but|then|right|quick question|a question|tell me), {q}?", "{q}, please?",
    "(please, |sorry, |excuse me, |one question: |quiz time: |I have a question: |let me test you: |do you know this: ){q}?", "{q} (again|now|then|by the way|exactly)?",
    "(I forgot|I can't remember|I want to check|I'm not sure)(.|:|,) {q}?",
)
CORRECTIONS = ("(actually|sorry|no|wait|oops|correction|I was wrong|I made a mistake|that was wrong|not quite|let me correct that)(,|:|.) {c}", "{c}, (not what I said before|I was wrong before|sorry)", "(things changed|I changed my mind|it changed)(,|:|.) (now |){c}")
