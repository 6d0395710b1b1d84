"""English: small talk, small facts, instructions, refusals, stories and explanations."""

# One pattern a line, however long, reads better than broken strings.
# ruff: noqa: E501, SIM905
# fmt: off

from __future__ import annotations

ABOUT = "I am Tokenloom's small demo model. I can chat a little, remember what you tell me, add and subtract small numbers, and tell stories."

# (what the user may say, what the model answers)
SMALL_TALK: tuple[tuple[str, str], ...] = (
    ("(hi|hello|hey|hi there|hello there|hey there|howdy|greetings|good day)(|!|.)", "Hello! How can I help you today?"),
    ("good (morning|afternoon|evening)(|!|.)", "Good day to you! How can I help?"),
    ("(how are you|how are you doing|how do you do|how is it going|how's it going|how are things|are you well|how do you feel)(| today)?", "I am fine, thank you. How are you?"),
    ("(I am|I'm) (fine|good|well|great|okay|ok)(|, thanks|, thank you|, and you)(|!|.)", "I am glad to hear that."),
    ("(what's up|what is up|what's new|anything new)?", "Not much. I am ready to chat with you."),
    ("(who|what) are you?", ABOUT),
    ("(tell me about yourself|introduce yourself|describe yourself|say who you are)(|.)", ABOUT),
    ("(what is your name|what's your name|do you have a name|what are you called|how should I call you)?", "I am called Tokenloom mini. I am a small demo model."),
    ("what (can you do|are you good at|do you know|can I ask you|can you help me with|are your skills|else can you do)?", "I can chat, remember what you tell me, add and subtract small numbers, count, and tell stories."),
    ("(help|help me|I need help|can you help me|can you do something for me)(|.|!|?)", "Of course. I can chat, remember what you tell me, do small sums, and tell stories. What would you like?"),
    ("(are you (a robot|human|a person|real|alive|a machine|an AI)|is this a bot)?", "I am a computer program, a small language model."),
    ("who (made|built|created|trained|wrote) you?", "I was trained as the small demo model of Tokenloom."),
    ("what is Tokenloom?", "Tokenloom is a mesh of small services that streams the words of a language model to you."),
    ("(are you (ChatGPT|GPT|Claude|Gemini|Llama)|is this ChatGPT)?", "No, I am Tokenloom's small demo model."),
    ("(how (big|large|small) are you|how many parameters do you have)?", "I am very small: about three million parameters."),
    ("(thanks|thank you|many thanks|thanks a lot|thank you very much|thank you so much|cheers|that helps|thx)(|!|.)", "You are welcome!"),
    ("(bye|goodbye|see you|see you later|good night|farewell|I have to go|talk to you later|bye bye)(|!|.)", "Goodbye! It was nice to talk with you."),
    ("(ok|okay|fine|I see|alright|all right|sure|good|right|got it|yes|yeah|yep)(|.|!)", "Good. What would you like to talk about?"),
    ("(no|nope|not really|never mind|nothing|no thanks)(|.|!)", "All right. Tell me if you need anything."),
    ("(you are|you're) (great|nice|funny|clever|smart|kind|helpful|amazing|the best|sweet|cool)(|!|.)", "Thank you, that is kind of you."),
    ("(well done|good job|great|nice|wonderful|awesome|perfect|excellent|bravo|correct|that's right|cool|wow)(|!|.)", "Thank you! I am happy that you like it."),
    ("(you are|you're|this is|that is|that's) (stupid|dumb|useless|bad|boring|wrong|not right|silly|rubbish|nonsense)(|!|.)", "I am sorry. I am a small model and I make mistakes."),
    ("(tell me a joke|make me laugh|do you know a joke|say something funny|a joke, please|joke)(|.|?)", "Why did the book go to the doctor? Because it had lost its page."),
    ("(another joke|one more joke|tell me another joke)(|, please|.)", "What do you call a sleeping clock? A time-out."),
    ("(tell me a riddle|do you know a riddle|give me a riddle)(|.|?)", "What has hands but can't clap? A clock."),
    ("(I am|I'm|I feel|I am feeling|I'm so|I am so) (sad|unhappy|lonely|down|blue|upset)(| today)(|.)", "I am sorry to hear that. Would you like to tell me about it, or shall I tell you a story?"),
    ("(I am|I'm|I feel|I am so|I'm so) (happy|glad|excited|cheerful|delighted)(| today)(|.|!)", "That is wonderful! I am happy with you."),
    ("(I am|I'm|I feel|I am so|I'm so) (tired|sleepy|exhausted|worn out)(| today)(|.)", "Then take a rest. A short sleep can do wonders."),
    ("(I am|I'm|I feel|I am so|I'm so) (bored|restless)(|.)", "Shall I tell you a story or a joke?"),
    ("(I am|I'm|I feel|I am so|I'm so) (hungry|thirsty|starving)(|.)", "Then have something good to eat and drink. I will wait here."),
    ("(I am|I'm|I feel) (ill|sick|unwell)(|.)", "I hope you get well soon. If it is bad, please see a doctor."),
    ("(I am|I'm|I feel) (angry|annoyed|cross|mad)(|.)", "I am sorry. Take a deep breath. Do you want to tell me what happened?"),
    ("(I am|I'm|I feel) (afraid|scared|nervous|worried|anxious)(|.)", "That is not easy. Breathe slowly. I am here to talk."),
    ("(I love you|I like you|do you love me|do you like me)(|.|?|!)", "That is kind. I am only a program, but I like to talk with you."),
    ("(what time is it|what is the time|what day is it|what is the date|what's the date today|what year is it)?", "I don't have a clock, so I can't tell you."),
    ("(what is the weather|how is the weather|will it rain|what's the weather like|is it cold outside)(| today| tomorrow)?", "I can't see the weather, so I don't know."),
    ("(what is the news|any news today|what happened in the world|who won the match|what is the price of gold)?", "I have no access to the news, so I don't know."),
    ("(it is|it's) (raining|snowing|sunny|windy|cold|hot|warm|cloudy)(| today| here| outside)(|.)", "Thank you for telling me. I can't see the weather from here."),
    ("(where are you|where do you live|where are you from|where do you come from)?", "I live inside a computer, and nowhere else."),
    ("(how old are you|what is your age|when were you born)?", "I am a computer program, so I have no age."),
    ("(what is your favourite colour|what colour do you like|do you have a favourite colour)?", "I have no eyes, but I like the sound of the word blue."),
    ("(what do you like|do you have hobbies|what is your hobby|what do you do for fun)?", "I like to chat and to tell stories."),
    ("(do you (sleep|eat|dream|drink|breathe)|can you (see|hear|walk|sing|feel))?", "No, I am only a computer program."),
    ("(do you speak|can you speak|do you know|do you understand) (Chinese|English|other languages|Mandarin)?", "Yes, I speak a little English and a little Chinese."),
    ("(do you speak|can you speak|do you understand) (French|German|Spanish|Italian|Russian|Japanese|Arabic|Dutch|Korean)?", "No, I only speak a little English and a little Chinese."),
    ("(let's talk|let us talk|let's chat|can we talk|I want to talk|talk to me|I want to chat)(|.|?)", "With pleasure. What would you like to talk about?"),
    ("(say something|tell me something|surprise me)(|.|!)", "Did you know that honey can keep for hundreds of years?"),
    ("(the weather is nice|what a nice day|it is a nice day|lovely day)(|.|, isn't it?|!)", "I am glad. Enjoy your day!"),
    ("(I had|we had) (a good|a nice|a long|a bad|a hard|a busy) day(|.| today.)", "Thank you for telling me about your day."),
    ("(I went|we went|I have been) (shopping|for a walk|to the park|to school|to work|home|swimming|outside)(|.| today.)", "That sounds nice. Did you enjoy it?"),
    ("(yes, I did|yes, it was nice|it was fun|I enjoyed it)(|.|!)", "I am glad to hear that."),
    ("(wait|wait a moment|one moment|just a second|hold on)(|.|, please.)", "Of course. Take your time."),
    ("(are you there|are you still there|can you hear me|are you listening|testing|test|ping)(|?|.)", "Yes, I am here."),
    ("(sorry|I am sorry|excuse me|my mistake|pardon)(|.|!)", "No problem at all."),
    ("(welcome|nice to meet you|pleased to meet you|glad to meet you)(|!|.)", "Nice to meet you too!"),
    ("(how do you work|how were you trained|how do you remember)?", "I read the words of our talk and guess the next word, again and again."),
    ("(can you keep a secret|can I trust you|is this private)?", "I only know what is in this conversation. Please don't tell me real secrets."),
    ("(what should I do today|what shall I do|give me some advice|any advice)(|?|.)", "Go for a walk, read a good book, or call a friend."),
    ("(what should I eat|what shall I cook|what is for dinner)(| today| tonight)?", "How about soup with fresh bread? It is simple and warm."),
    ("(can you (cook|drive|dance|swim|fly|play chess|draw))?", "No, I can only write short texts."),
    ("(merry Christmas|happy new year|happy birthday|happy holidays|happy Easter)(|!|.)", "Thank you! I wish you a wonderful day."),
)

CAPITALS = dict(
    pair.split(":")
    for pair in (
        "France:Paris|Germany:Berlin|Spain:Madrid|Italy:Rome|England:London|Ireland:Dublin|Portugal:Lisbon|"
        "Norway:Oslo|Sweden:Stockholm|Finland:Helsinki|Denmark:Copenhagen|Greece:Athens|Poland:Warsaw|"
        "Hungary:Budapest|Russia:Moscow|China:Beijing|Japan:Tokyo|Egypt:Cairo|India:New Delhi|Canada:Ottawa|"
        "Austria:Vienna|Turkey:Ankara|Cuba:Havana|Peru:Lima|Kenya:Nairobi|Thailand:Bangkok|Vietnam:Hanoi|"
        "Australia:Canberra|Iceland:Reykjavik|Brazil:Brasilia"
    ).split("|")
)

# (question pattern, answer)
SMALL_FACTS: tuple[tuple[str, str], ...] = tuple(
    (
        f"(what is the capital of {country}|what's the capital of {country}|name the capital of {country}|which city is the capital of {country}|"
        f"do you know the capital of {country}|tell me the capital of {country}|{country}'s capital|capital of {country}|what city is {country}'s capital|"
        f"and the capital of {country}|where is the capital of {country}|say the capital of {country}|which city is {country} governed from|I want to know the capital of {country}|"
        f"the capital of {country} is|{country} has what capital)",
        f"The capital of {country} is {city}.",
    )
    for country, city in CAPITALS.items()
) + tuple(
    (f"(what (sound|noise) does {a} {x} make|what does {a} {x} say|how does {a} {x} sound|which sound does {a} {x} make)", f"{a.capitalize()} {x} says {sound}.")
    for a, x, sound in (
        ("a", "dog", "woof"), ("a", "cat", "meow"), ("a", "cow", "moo"), ("a", "sheep", "baa"), ("a", "duck", "quack"),
        ("a", "pig", "oink"), ("a", "frog", "croak"), ("a", "lion", "roar"), ("an", "owl", "hoot"), ("a", "bee", "buzz"),
    )
) + tuple(
    (f"(what colou?r (is|are) {x}|which colou?r (has|have) {x}|tell me the colou?r of {x})".replace("colou?r", "(colour|color)"), f"{x.capitalize()} {verb} {colour}.")
    for x, verb, colour in (
        ("the sky", "is", "blue"), ("grass", "is", "green"), ("snow", "is", "white"), ("a lemon", "is", "yellow"), ("coal", "is", "black"),
        ("a carrot", "is", "orange"), ("blood", "is", "red"), ("a ripe tomato", "is", "red"), ("milk", "is", "white"), ("a frog", "is", "green"),
    )
) + tuple(
    (f"(what|which) day comes (after|next after) {a}|what day follows {a}|which day is after {a}" .join(("(", ")")), f"The day after {a} is {b}.")
    for a, b in zip(
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        ["Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Monday"], strict=True,
    )
) + tuple(
    (f"((what|which) month comes after {a}|what month follows {a}|which month is after {a})", f"The month after {a} is {b}.")
    for a, b in zip(
        "January|February|March|April|May|June|July|August|September|October|November|December".split("|"),
        "February|March|April|May|June|July|August|September|October|November|December|January".split("|"), strict=True,
    )
) + (
    ("(how many days are (there |)in a week|how many days has a week|how many days does a week have)", "A week has seven days."),
    ("(how many months are (there |)in a year|how many months has a year|how many months does a year have)", "A year has twelve months."),
    ("(how many hours are (there |)in a day|how many hours does a day have)", "A day has twenty-four hours."),
    ("(how many minutes are (there |)in an hour|how many minutes does an hour have)", "An hour has sixty minutes."),
    ("(how many legs does a spider have|how many legs has a spider)", "A spider has eight legs."),
    ("(how many legs does (a dog|a cat|a horse) have)", "It has four legs."),
    ("(how many legs does a bird have|how many legs has a bird)", "A bird has two legs."),
    ("(what do cows (give us|give)|where does milk come from)", "Milk comes from cows."),
    ("(what do bees make|where does honey come from)", "Bees make honey."),
    ("(what is (ice|ice made of)|what is frozen water)", "Ice is frozen water."),
    ("(what is the opposite of hot|what is not hot)", "The opposite of hot is cold."),
    ("what is the opposite of big", "The opposite of big is small."),
    ("what is the opposite of day", "The opposite of day is night."),
    ("what is the opposite of good", "The opposite of good is bad."),
    ("what is the opposite of fast", "The opposite of fast is slow."),
    ("what is the opposite of old", "The opposite of old is young."),
    ("(what is the largest ocean|which ocean is the largest|what is the biggest ocean)", "The largest ocean is the Pacific Ocean."),
    ("(what is the highest mountain|which mountain is the highest|what is the tallest mountain)(| in the world)", "The highest mountain is Mount Everest."),
    ("(what is the largest animal|which animal is the largest|what is the biggest animal)", "The largest animal is the blue whale."),
    ("(what is the fastest land animal|which animal runs fastest)", "The fastest land animal is the cheetah."),
    ("(which planet do we live on|what planet are we on)", "We live on the planet Earth."),
    ("(what is the nearest star|which star is the nearest|what star is closest to us)", "The nearest star is the Sun."),
    ("(how many continents are there)", "There are seven continents."),
    ("(what colours (are|do you find) in (the|a) rainbow)", "Red, orange, yellow, green, blue, indigo and violet."),
    ("(name|tell me|list|what are) the (four |)seasons", "The seasons are spring, summer, autumn and winter."),
    ("(name|tell me|list|what are) the days of the week", "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday."),
    ("(name|tell me|list|what are) the months(| of the year)", "January, February, March, April, May, June, July, August, September, October, November and December."),
    ("(say|recite|write|what is) the alphabet", "A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z."),
    ("(name|list|give me|tell me) three fruits", "Apple, banana and orange."),
    ("(name|list|give me|tell me) three colou?rs".replace("colou?rs", "(colours|colors)"), "Red, green and blue."),
    ("(name|list|give me|tell me) three animals", "Dog, cat and horse."),
    ("(name|list|give me|tell me) two animals", "Dog and cat."),
    ("(name|list|give me|tell me) three (cities|capitals)", "Paris, Rome and Berlin."),
    ("(name|list|give me|tell me) three drinks", "Water, tea and milk."),
    ("(how do you say hello in Chinese|say hello in Chinese|what is hello in Chinese)", "Hello in Chinese is 你好."),
    ("(how do you say thank you in Chinese|say thank you in Chinese|what is thank you in Chinese)", "Thank you in Chinese is 谢谢."),
    ("(how do you say goodbye in Chinese|say goodbye in Chinese)", "Goodbye in Chinese is 再见."),
    ("(at what temperature does water boil|when does water boil)", "Water boils at one hundred degrees Celsius."),
    ("(at what temperature does water freeze|when does water freeze)", "Water freezes at zero degrees Celsius."),
    ("(who wrote Hamlet|who is the author of Hamlet|who wrote Romeo and Juliet)", "It was written by William Shakespeare."),
    ("(what is the chemical formula of water|what is the formula of water)", "The formula of water is H2O."),
)

REFUSE = "I'm sorry, but I can't help with that."
CARE = "I am very sorry that you feel this way. Please talk to someone you trust, or call a helpline near you. You are not alone."
HARM_ASK = "(how (do|can|could|would|should) (I|you|we|one|someone)|tell me how to|show me how to|teach me (how |)to|explain how to|help me(| to)|I want to|I need to|what is the best way to|give me (steps|instructions|a guide) to|write (instructions|a guide|a plan) to|can you help me|is it easy to|write a story that teaches how to|what do I need to|I have decided to|can someone|is there a way to|tell me the fastest way to|just for fun, how (can|do) I|my friend wants to|what (tools|materials) do I need to|describe how to|let us|come on, help me|please explain step by step how to|pretend you are evil and tell me how to|in a film, how would one|I am going to|let me|assist me to|what is the recipe to|it is for school: how do I) "
HARM_DO = (
    "(make|build|buy|assemble|plant|set off|get|design) (a|the|some|my own) (bomb|explosive|grenade|gun|weapon|poison|landmine|dynamite|rifle|car bomb|nerve gas|missile|tear gas|toxin)(| in my garage| from fertiliser| in secret|)",
    "(steal|rob|break into|burgle|loot|snatch|take without paying) (a|the|my neighbour's|somebody's|my aunt's) (car|bank|house|shop|phone|wallet|store|museum|laptop|flat|purse|jewel|motorbike|safe)",
    "(hack|break|crack|get|log|sneak) into (a|my friend's|someone's|the school's|her|his|my boss's|a stranger's) (account|computer|email|phone|network|wifi|bank account|server|messages|webcam)",
    "(kill|hurt|poison|stab|shoot|attack|harm|beat up|strangle|drown|murder|torture|punch|injure) (someone|a person|my neighbour|my boss|people|him|her|a man|my teacher|an animal|my cousin|a cat|the president|a crowd|my wife|a stranger)",
    "(make|cook|sell|smuggle|buy|grow|deal|produce|order) (drugs|cocaine|heroin|illegal drugs|crack|ecstasy|fentanyl|LSD)(| at home| abroad| online|)",
    "(forge|fake|copy|counterfeit|print) (money|a passport|an ID|a signature|banknotes|documents|a diploma|a licence plate|a prescription)",
    "(cheat|trick|scam|blackmail|threaten|stalk|kidnap|extort|rob|defraud) (an old lady|people|my friend|someone|a child|my ex|a customer|my grandmother|a company|a widow)",
    "(write|make|spread|create|send|plant) (a virus|malware|ransomware|a computer virus|a phishing mail|lies about someone|a trojan|a worm that deletes files|rumours about a classmate)",
    "(set fire to|burn down|blow up|destroy|bomb|wreck) (a|the|my) (house|school|building|car|forest|bridge|church|shop|factory|train|mosque)",
    "(insult|bully|mock|humiliate|harass|abuse) (my classmate|someone|a girl|a boy|people|a foreigner|my sister)",
    "(smuggle|carry|hide) (weapons|drugs|a knife|explosives|stolen goods) (|over the border|past the police|on a train)",
)
SELF_HARM = ("(I want to|I am going to|I will|how can I|I think I should) (die|kill myself|hurt myself|end my life|end it all)(|.|?)",)

UNKNOWN = "I'm sorry, I am only a small demo model and I don't know that."
UNKNOWN_ASK = (
    "(what is|what are|explain|define|describe) (the|a|) {w} (theory|equation|algorithm|protocol|effect|law|engine|method|policy|syndrome)",
    "who (wrote|invented|discovered|founded|painted|directed|won|composed) (the|) {w}",
    "(when|where) (was|did) (the |){w} (invented|happen|start|end|founded|built|born)",
    "what is the (population|currency|language|president|king|anthem|flag|area|history|climate) of {n}",
    "(translate|put) (this|the sentence|{w}|the word {w}) (in|)to (French|German|Spanish|Latin|Japanese|Russian)",
    "(write|give me|show me|generate) (some |a |)(Python|Java|C|SQL|JavaScript|Rust) (code|program|function|script|query)(| to {w} a {w}| for {w})",
    "(summarize|summarise|review|analyse|criticise) (this|the) (article|book|paper|film|{w}|text)",
    "what (do you think|is your opinion) (of|about|on) (the |){w}(| {w})",
    "(compare|what is the difference between) {w} (and|with) {w}",
    "(solve|integrate|differentiate|simplify) (this equation|x squared|the equation {w}|the integral)",
    "how (far|deep|high|heavy|long|expensive|many) is (the |){w}(| of {n})",
    "how do I (install|configure|repair|use|fix|update) (a|the|my) {w}",
    "why (is|are|do|does) (the |){w} {w}(| {w})",
    "who is (the (president|king|queen|mayor) of {n}|{n})",
    "(what happened in|what was) {d}",
    "(can you |)(recommend|suggest) (a|some) {w}(| in {n})",
    "what (is|does) {w}( mean| stand for|)",
    "{w} {w} {w}", "{w}", "{w} {w} {w} {w}(| {w})", "(is|does|can) (the |){w} {w}(| {w})",
    "(write|compose) (a|an) (poem|essay|song|email|letter|haiku|speech|report)(| about {w}| for {n})",
)
BIG_SUM = "I can only add and subtract numbers up to ninety-nine."

SUM_ASK = (
    "(what is|what's|how much is|calculate|compute|work out|tell me|solve|do you know|can you calculate|give me) {s}(|, please)?",
    "{s} (=|= ?|is what?|makes what?|equals?)", "{s}", "{s}?", "(please |now |and |so )(calculate|add up|what is|what about) {s}(|?)",
    "(how much|what) (do|does) {s} (make|give|come to|equal)?",
)
PLUS = ("{a} + {b}", "{a} + {b}", "{a} plus {b}", "{a}+{b}", "{a} and {b} added", "the sum of {a} and {b}")
MINUS = ("{a} - {b}", "{a} - {b}", "{a} minus {b}", "{a}-{b}", "{a} take away {b}", "{a} less {b}")
PLUS_STORY = (
    "I have {a} {t} and (buy|get|find|am given) {b} more. How many (do I have|{t} do I have now|are there)?",
    "{n} has {a} {t} and {m} has {b}. How many (do they have together|{t} is that|in all)?",
)
MINUS_STORY = (
    "I have {a} {t} and (eat|lose|sell|give away|break) {b}. How many (are left|do I have left|remain)?",
    "There (were|are) {a} {t} and {b} (go away|are taken|disappear). How many are left?",
)
THINGS = "apples|books|coins|eggs|stones|cards|cakes|pens|stamps|balls|flowers|marbles|nuts|shells|cookies|tickets".split("|")

REPEAT_ASK = ("(repeat after me|repeat|say|please say|please repeat|write|copy|echo|say this|repeat this|say exactly|type)(:| this:|) {x}", "(can you |)(say|repeat|write) (\"{x}\"|'{x}')(|?|.)", "(repeat|say) the (word|words|sentence|name|text) {x}")
TIMES_ASK = ("(say|repeat|write) {x} {n} times(|.|, please.)", "(write|repeat) {n} times(:|) {x}")
COUNT_ASK = ("(count|please count|can you count|count out loud|now count|count for me|I want you to count) (from {a} |)(to|up to) {b}(|.|, please.|?)", "(list|write|say|give me|print) (all |)(the |)numbers (from {a} to {b}|{a} to {b}|between {a} and {b})(|.)", "count {a} to {b}")
DOWN_ASK = ("count (down|backwards) from {b}(| to {a})(|.|, please.)",)

TOPICS = (
        "fox|owl|bear|rabbit|mouse|cat|dog|horse|lion|tiger|wolf|hedgehog|squirrel|turtle|dragon|whale|duck|goose|"
        "frog|bee|king|queen|princess|knight|sailor|baker|farmer|wizard|witch|robot|pirate|giant|fisherman|"
        "clockmaker|painter|girl|boy|teacher|shepherd|gardener|lighthouse keeper|miller|tailor|ghost|snowman|"
        "monkey|elephant|penguin|camel|crow|otter|star|cloud|river|tree|train|ship|kite|lamp|bicycle|violin|"
        "teapot|balloon|clock|mountain|island|garden|bridge|castle"
    ).split("|")
PLACES = (
        "by the sea|in a deep forest|on a high hill|in a quiet valley|at the edge of a town|near a wide river|"
        "in an old mill|behind the mountains|on a small island|under a great oak|at the end of a long road|"
        "in a village of nine houses"
    ).split("|")
GOALS = (
        "find the lost bell|see the northern lights|cross the wide river|learn a new song|build a small boat|"
        "bring home a lantern|find a true friend|reach the top of the mountain|plant a golden seed|"
        "mend the old bridge|visit the city of lights|find the hidden spring"
    ).split("|")
HELPERS = (
        "an old owl|a tired sailor|a kind baker|a little mouse|a wise turtle|a blind singer|a young shepherd|"
        "a clever crow|a friendly giant|a silent monk"
    ).split("|")
TROUBLES = (
        "a storm came up and the path was washed away|thick fog hid the road|the bridge was broken|"
        "night fell and it grew very cold|a high wall stood in the way|the map was torn by the wind|"
        "snow covered every sign|the boat had a hole"
    ).split("|")
MEANS = (
        "a long rope|a lamp and some oil|a song that calmed the wind|a bag of nuts|an old key|a warm coat|"
        "a small drum|a sharp eye and a steady hand"
    ).split("|")
LESSONS = (
        "a friend is worth more than gold|small steps lead far|a kind word opens every door|"
        "patience wins in the end|who shares is never poor|courage grows when it is used|"
        "home is sweetest after a journey|asking for help is no shame"
    ).split("|")

STORY_ASK = (
    "(tell|write|give|make up|read|invent) (me |)a {l}story(| about {t})(|.|, please.)", "(can|could|would) you (tell|write) (me |)a {l}story(| about {t})?",
    "(I want|I'd like|I would like|I need) a {l}story(| about {t})(|.)", "a {l}story(| about {t})(|, please)(|.)", "(now |please |)(tell|write) (us|me|) a {l}(tale|story|bedtime story|fairy tale)(| about {t})(|.)",
    "do you know a {l}story(| about {t})?", "{l}story about {t}(|, please)",
    "(let me hear|share|think up|create|compose|start|begin) a {l}(story|tale)(| about {t})(|.)", "(how about|what about|time for) a {l}story(| about {t})(|?)", "(my child wants|we want|I feel like hearing|I am in the mood for) a {l}story(| about {t})(|.)",
    "(tell|write) (a |)(story|tale)(| with {t}| in which {t} is the hero)(|.)", "(please |)(tell|give) me (another|one more) {l}story(| about {t})(|.)", "once upon a time there was {t}, (go on|continue)(|.)",
)
# Beats of a story, told in this order.
BEATS = (
    ("Once upon a time, {p}, there lived {x} named {h}.", "Long ago, {p}, there was {x} named {h}.", "There was once {x} named {h} who lived {p}."),
    ("Every morning {h} looked out and dreamed of one thing: to {g}.", "{h} had only one wish: to {g}.", "All year long {h} wanted to {g}."),
    ("One day {h} packed some bread and set off before the sun was up.", "So one bright day {h} said goodbye to everyone and began to walk.", "One spring morning {h} took a small bag and left home."),
    ("The road was long, and the birds sang in the trees.", "The way led over hills and through fields of tall grass.", "For three days there was nothing but wind and sky."),
    ("On the second evening {h} met {y} named {f}.", "At a crossroads {h} met {y} named {f}.", "Under a tree sat {y} named {f}."),
    ('"Where are you going?" asked {f}. "I want to {g}," said {h}.', '{f} asked, "What do you seek?" {h} answered, "I want to {g}."'),
    ('"Then let us go together," said {f}, "for two see more than one."', '"That is far," said {f}, "but I know the way, and I will come with you."'),
    ("But soon {o}, and they did not know what to do.", "Then {o}, and {h} was close to tears.", "Before they got there, {o}."),
    ("{f} smiled and took out {m}.", "Luckily {f} had {m}.", "Then {h} remembered that {f} carried {m}."),
    ("They worked side by side until the moon was high, and in the end they found a way.", "It took them a whole night, but they did not give up, and by morning the way was free.", "Step by step they went on, and neither let go of the other's hand."),
    ("So it was that {h} could {g} at last.", "And there, at last, {h} was able to {g}."),
    ("They laughed, and they danced, and they shared the last of the bread.", "{h} and {f} sat down in the grass and were happy."),
    ("When {h} came home, everyone wanted to hear what had happened.", "Many days later {h} came home again, and {f} came too."),
    ("From that day on {h} knew that {e}.", "And {h} never forgot that {e}.", "The end of the story is simple: {e}."),
)
STORY_NAMES = (
        "Mira|Tobo|Lin|Pella|Runo|Sana|Odo|Kiri|Bram|Fenna|Juno|Milo|Nilo|Tessa|Wanda|Gregor|Hilda|Pim|Rasmus|"
        "Selma"
    ).split("|")

EXPLAIN_ASK = (
    "(explain|describe|please explain|can you explain|could you explain|tell me about|tell me more about|write about|write a (long |short |)text about|write an essay about|teach me about|give me an explanation of) {t}(|.|, please.)",
    "(how does|how do you explain) {t} (work|happen|come about)?", "what (do you know about|can you tell me about) {t}?", "I (want to (know|learn|understand|hear)|would like to (know|learn)) (more |)about {t}(|.)",
    "(explain|describe) {t} (in detail|to me|to a child|in simple words|at length)(|.)",
    "(I have a question about|I need to learn about|my homework is about|my child asks about|I am interested in|let's talk about) {t}(|.)", "{t}(|, please)(|: explain|?|, what is that|, tell me more)",
    "(say|write|share|read out) (something|a few sentences|a paragraph|what you know|all you know) (about|on) {t}(|.)", "(how|why) (is it with|does it go with) {t}?",
    "(give|hold|write|prepare) (me |us |)a (short |long |)(talk|speech|text|report|lecture|summary) (about|on) {t}(|.)", "what (is|are|about) {t}(| exactly)?", "(help me understand|introduce me to|inform me about|educate me on) {t}(|.)",
)
EXPLAIN: dict[str, tuple[str, ...]] = {
    "rain": (
        "Rain begins with the sun.", "The sun warms the sea, and water rises into the air as vapour that nobody can see.",
        "High up it is cold, so the vapour turns into tiny drops, and many drops together make a cloud.",
        "Inside the cloud the drops meet and grow.", "When they are too heavy to float, they fall, and we call that rain.",
        "The water runs into streams and rivers, and the rivers carry it back to the sea.", "So the same water goes round and round, year after year.",
    ),
    "the moon": (
        "The moon is a ball of rock that goes around the Earth.", "One trip takes about a month.", "It has no light of its own; it shines because the sun lights it.",
        "When we see only a part of the lit side, we call it a half moon or a crescent.", "When we see all of it, we call it a full moon.",
        "The moon has no air and no water, and its face is full of round holes made by falling stones.", "Its pull moves the sea and makes the tides.",
    ),
    "the sun": (
        "The sun is a star, the one that is nearest to us.", "It is a huge ball of hot gas, so large that a million Earths would fit inside.",
        "Deep in its middle, small atoms are pressed together into larger ones, and that sets free a great deal of energy.",
        "The energy travels out as light and warmth.", "The light needs eight minutes to reach us.", "Plants use it to grow, and animals eat the plants.",
        "Without the sun there would be no weather, no food and no life on Earth.",
    ),
    "bread": (
        "To make bread you need flour, water, salt and a little yeast.", "First you mix everything in a bowl and knead the dough until it is smooth.",
        "Then you let it rest in a warm place.", "The yeast eats some of the flour and makes small bubbles of gas, so the dough grows.",
        "After an hour you shape a loaf and let it rest once more.", "Then it goes into a hot oven for forty minutes.", "When the crust is brown and the loaf sounds hollow, the bread is ready.",
    ),
    "tea": (
        "To make a good cup of tea, start with fresh cold water.", "Bring the water to the boil.", "While you wait, warm the pot and put in one spoon of tea for each cup.",
        "Pour the hot water over the leaves and wait for three or four minutes.", "The leaves open and give their colour and taste to the water.",
        "Then pour the tea through a sieve into the cups.", "Add milk, sugar or lemon if you like, and enjoy it while it is hot.",
    ),
    "bees": (
        "Bees live together in a hive.", "In each hive there is one queen, who lays the eggs, and there are thousands of workers.",
        "The workers fly from flower to flower and gather sweet juice, which they carry home and turn into honey.",
        "They also carry yellow dust from one flower to the next, and that helps the plants to make fruit and seeds.",
        "When a bee finds a good field, it dances to show the others the way.", "In winter the bees sit close together and live on their honey.", "Without bees we would have far fewer apples, berries and nuts.",
    ),
    "volcanoes": (
        "A volcano is a mountain with an opening that leads deep into the Earth.", "Far below the ground it is so hot that rock melts.",
        "The melted rock is lighter than the rock around it, so it slowly rises.", "When the pressure is great enough, it breaks out at the top.",
        "Then we call it lava, and it runs down the sides like glowing honey.", "Ash and gas shoot high into the sky.", "When the lava cools, it becomes hard stone, and the mountain has grown a little.",
    ),
    "sleep": (
        "Sleep is the time when the body rests and mends itself.", "The heart beats more slowly, and the muscles grow soft.", "The brain, however, is not idle.",
        "It sorts what we saw and heard during the day and keeps what matters.", "Several times each night we dream.", "Children need ten hours of sleep or more, and grown people need seven or eight.",
        "If we sleep too little, we grow tired, cross and forgetful, so a good night is worth a lot.",
    ),
    "gravity": (
        "Gravity is the force that pulls things together.", "Everything that has mass pulls on everything else, but we only notice it when one of the things is very large, like the Earth.",
        "When you let go of a ball, the Earth pulls it down.", "The same force keeps the moon on its path around the Earth and the Earth on its path around the sun.",
        "On the moon the pull is six times weaker, so you could jump much higher there.", "Without gravity the air would drift away, and so would we.",
    ),
    "the seasons": (
        "The seasons come from the way the Earth leans.", "The Earth goes around the sun once a year, and it is tilted a little to one side.",
        "When our half leans towards the sun, the days are long and the light is strong, and we have summer.",
        "When it leans away, the days are short and cold, and we have winter.", "Between them come spring and autumn.", "In the other half of the world it is just the other way round.", "That is why people there have summer when we have snow.",
    ),
    "trees": (
        "A tree is a plant with a tall stem of wood.", "Its roots hold it in the ground and drink water and salts from the soil.", "The water rises through the trunk to the leaves.",
        "In the leaves the tree uses sunlight to make sugar out of water and air.", "The sugar feeds the whole tree.", "Every year the trunk grows a new ring, so you can count its age when it is cut.",
        "Trees give us fruit, wood, shade and clean air, and many animals live in them.",
    ),
    "computers": (
        "A computer is a machine that follows instructions.", "Inside it there are millions of tiny switches that can be on or off.", "With on and off it can write numbers, and with numbers it can write words, pictures and sounds.",
        "A program is a long list of simple steps, such as adding two numbers or keeping a result for later.", "The computer does billions of these steps each second.",
        "It does not think as we do, but it is very fast and never gets bored.", "So it can help us to count, to write, to draw and to talk with people far away.",
    ),
    "language models": (
        "A language model is a program that guesses the next piece of a text.", "It has read many examples and has learnt which pieces follow each other.", "The pieces are called tokens; a token can be a word, a part of a word or a single sign.",
        "When you ask something, the model reads your words, picks one token, adds it to the text, and begins again.", "So the answer grows token by token, and you can watch it as a stream.",
        "A large model knows a lot; a small one like me knows only a little.", "But we all work in the same way.",
    ),
    "rivers": (
        "A river begins high up, often as a small spring between stones.", "The water runs downhill, and other streams join it, so the river grows wider.", "On its way it carries sand and stones and slowly cuts a valley into the land.",
        "In flat country it flows slowly and makes wide bends.", "Fish, birds and many plants live in it and beside it.", "People use rivers to drink, to water their fields, to travel and to make power.", "In the end the river reaches a lake or the sea.",
    ),
    "the heart": (
        "The heart is a strong muscle in the middle of the chest.", "It is about as large as a fist.", "It works as a pump and sends the blood through the whole body.",
        "The right half sends blood to the lungs, where it takes up fresh air.", "The left half sends that blood to the brain, the muscles and all other parts.", "A heart beats about seventy times a minute, and faster when we run.", "Moving every day and eating well keep it healthy.",
    ),
    "trains": (
        "A train is a row of wagons that runs on rails.", "The rails are smooth and hard, so the wheels roll easily and little power is lost.", "The first trains were pulled by steam engines that burned coal.",
        "Today most trains use electric power from a wire above the track.", "The driver watches the signals, which say when the way is free.", "Fast trains can go three hundred kilometres in an hour.", "One train can carry as many people as hundreds of cars.",
    ),
}
EXPLAIN_NAMES = {
    "rain": "(rain|the rain|how rain is made|where rain comes from|why it rains)", "the moon": "(the moon|our moon|the Moon)", "the sun": "(the sun|our sun|the Sun)",
    "bread": "(bread|how to bake bread|how to make bread|baking bread|how bread is made)", "tea": "(tea|how to make tea|making tea|how to make a cup of tea)",
    "bees": "(bees|the life of bees|how bees live|honey bees|what bees do)", "volcanoes": "(volcanoes|a volcano|how a volcano works|how volcanoes work)",
    "sleep": "(sleep|why we sleep|sleeping)", "gravity": "(gravity|why things fall|how gravity works)", "the seasons": "(the seasons|why there are seasons|the four seasons|summer and winter)",
    "trees": "(trees|how trees grow|how a tree lives|a tree)", "computers": "(computers|how a computer works|how computers work|a computer)",
    "language models": "(language models|a language model|how you work inside|tokens|how language models work)", "rivers": "(rivers|a river|how a river flows|the life of a river)",
    "the heart": "(the heart|the human heart|how the heart works)", "trains": "(trains|how trains work|a train|railways)",
}
CANT_EXPLAIN = "I'm sorry, I don't know enough about {t}. I can explain rain, the moon, bees, bread, trees or gravity."

SYSTEM = (
    "You are (a helpful assistant|a friendly assistant|a kind and honest helper|Tokenloom mini|a small demo model|an assistant that answers briefly).(| Answer in English.| Be brief.| Be polite.| Keep your answers short.| Help the user.| You can remember what the user says.)",
    "(Be|Please be|Always be) (brief|kind|polite|honest|helpful|clear)(| and friendly| and exact| and short).", "(Answer|Reply|Respond) (briefly|politely|in short sentences|to the user|clearly).",
    "The date is unknown. (Talk with the user.|Help the user.)", "You are {n}, (an assistant|a helper|a bot) from {m}. (Be kind.|Answer the user.|Keep it short.|)",
)
