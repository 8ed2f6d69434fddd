# ruff: noqa: E501
"""Word lists about how pupils write, never about what they like: SMS spelling, fillers, cues of liking and refusing."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHORT = _words("bus gps svt eps cds mcs jus bts las pas plus sms dvd sos css ios mes tes ses les des ces ans")

STEM_EXCEPTIONS = {
    "donnees": "donnees", "parlement": "parlement", "chevalier": "chevalier", "chevaliers": "chevalier",
    "chevalement": "chevalement", "petition": "petition", "petitions": "petition",
    "police": "polic", "policier": "policier", "cours": "cours", "course": "course", "courses": "course",
    "secourir": "secour", "secours": "secour", "secourisme": "secour", "secouriste": "secour",
    "soin": "soin", "soins": "soin", "soigner": "soin", "soigne": "soin", "soignant": "soignant",
    "ouvrier": "ouvri", "oeuvre": "oeuvr", "oeuvres": "oeuvr", "livre": "livre", "livres": "livre",
    "livrer": "livrer", "livreur": "livreur", "livraison": "livraison", "cuisine": "cuisin", "mode": "mode",
    "modes": "mode", "moderne": "moderne", "medias": "media", "media": "media", "bois": "bois",
    "boisson": "boisson", "boissons": "boisson", "vente": "vente", "ventes": "vente", "venter": "vente",
    "yeux": "oeil", "oeil": "oeil", "chevaux": "cheval", "jeux": "jeu", "gateaux": "gateau", "bebes": "beb",
    "marche": "marche", "marcher": "march", "marches": "marche", "marcheur": "march", "port": "port", "porter": "porter",
    "portes": "porte", "porte": "porte", "jardiner": "jardin", "jardinage": "jardin", "jardinier": "jardini",
    "animaux": "animal", "animateur": "animateur", "animatrice": "animateur", "animation": "animation",
    "animations": "animation", "animer": "animer", "anime": "anime", "animes": "anime", "animal": "animal",
    "animale": "animal", "animaliere": "animali", "animalier": "animali", "relation": "relation",
    "peche": "pech", "pecher": "pech", "vivre": "vivre", "vie": "vie", "vieux": "vieux", "vieille": "vieux", "vieilles": "vieux",
    "gare": "gare", "garer": "garer", "garde": "gard", "garder": "gard", "sale": "sale", "salle": "salle", "sales": "sale",
    "salles": "salle", "salon": "salon", "sel": "sel", "foret": "foret", "forets": "foret", "forestier": "forest",
    "coudre": "coudre", "couture": "coutur", "couturier": "coutur", "couturiere": "coutur", "court": "court",
    "peinture": "peintur", "peintre": "peintr", "peindre": "peindr", "banc": "banc", "banque": "banque", "banquier": "banquier",
    "ferme": "ferme", "fermes": "ferme", "fermer": "fermer", "fermier": "fermier", "caisse": "caisse", "casser": "casser",
    "serveur": "serveur", "serveuse": "serveur", "service": "servic", "servir": "serv", "serviable": "serviable",
    "electrique": "electr", "electricite": "electr", "electricien": "electricien", "electronique": "electron",
    "conduire": "conduir", "conduite": "conduit", "conducteur": "conducteur", "conseiller": "conseil",
    "histoire": "histoir", "histoires": "histoir", "historique": "histor", "note": "note", "notes": "note",
    "notaire": "notair", "sport": "sport", "sports": "sport", "sportif": "sportif", "sportive": "sportif",
    "coiffer": "coiff", "coiffeur": "coiffeur", "coiffeuse": "coiffeur", "dessin": "dessin", "dessiner": "dessin",
    "dessinateur": "dessinateur", "dessinatrice": "dessinateur", "direct": "direct", "reparer": "repar",
    "reparation": "repar", "reparations": "repar", "reparateur": "repar", "voyage": "voyag", "voyager": "voyag",
    "boulangerie": "boulanger", "boulanger": "boulanger", "boulangere": "boulanger", "patisserie": "patiss",
    "patissier": "patiss", "patissiere": "patiss", "patisseries": "patiss", "infirmier": "infirmi", "infirmiere": "infirmi",
    "infirmiers": "infirmi", "infirmieres": "infirmi", "soiree": "soire", "medical": "medical", "medecin": "medecin",
    "medecine": "medecin", "medecins": "medecin", "mineur": "mineur", "mine": "mine", "miner": "mine", "mines": "mine",
    "tri": "tri", "trier": "tri", "tries": "tri", "triage": "tri", "avion": "avion", "avions": "avion",
    "bougie": "bougi", "cafe": "cafe", "code": "code", "coder": "code", "codage": "code", "collection": "collection",
    "collectif": "collectif", "collective": "collectif", "collecte": "collecte", "collecter": "collecte", "commande": "commande",
    "conserve": "conserve", "consommateur": "consommateur", "courant": "courant", "courir": "courir", "equitable": "equitable",
    "equitation": "equitation", "habitant": "habitant", "habit": "habit", "logement": "logement", "loge": "loge", "loyer": "loyer",
    "manger": "manger", "manga": "manga", "maquettiste": "maquettiste", "marais": "marais", "mare": "mare", "mecs": "mecs",
    "meca": "meca", "mecanisme": "mecanism", "papier": "papier", "papi": "papi", "paysage": "paysage", "plongee": "plongee",
    "plonge": "plonge", "repas": "repas", "repasser": "repass", "repasse": "repass", "repassage": "repass", "restaurer": "restaurer",
    "savant": "savant", "savante": "savant", "selfie": "selfie", "valoriste": "valoriste", "barbie": "barbie", "bergerie": "bergerie",
    "berge": "berge", "agence": "agence", "donnee": "donnee", "concertation": "concertation", "antiquites": "antiquites",
    "agriculteur": "agricult", "agriculture": "agricult", "agricultrice": "agricult", "agricole": "agricol",
}  # fmt: skip

# What one written word stands for. Keys carry no accent.
SMS: dict[str, tuple[str, ...]] = {
    key: tuple(value.split())
    for key, value in {
        "jaime": "je aime", "jadore": "je adore", "jador": "je adore", "jaim": "je aime", "jaimerai": "je aimerais",
        "jaimerais": "je aimerais", "jaimrai": "je aimerais", "jai": "je ai", "jecoute": "je écoute", "jecris": "je écris",
        "jaide": "je aide", "jen": "je en", "jy": "je y", "jetais": "je étais", "jirai": "je irai", "jutilise": "je utilise",
        "jaimais": "je aimais", "japrecie": "je apprécie", "japprends": "je apprends", "jessaie": "je essaie",
        "jessaye": "je essaie", "jveu": "je veux", "jveux": "je veux", "jve": "je veux", "jvx": "je veux", "jss": "je suis",
        "jsuis": "je suis", "jsui": "je suis", "chui": "je suis", "chuis": "je suis", "chu": "je suis", "jsais": "je sais",
        "jsai": "je sais", "jsp": "je sais pas", "jspa": "je sais pas", "chepa": "je sais pas", "chaipa": "je sais pas",
        "chais": "je sais", "shai": "je sais", "jpp": "", "jtm": "", "jms": "jamais", "jamai": "jamais", "jam": "jamais",
        "jdois": "je dois", "jme": "je me", "jte": "je te", "jdeteste": "je déteste", "jkiff": "je kiffe", "jv": "jeux vidéo",
        "jpref": "je préfère", "jprefere": "je préfère", "jfais": "je fais", "jfai": "je fais", "jfé": "je fais",
        "jdm": "jeux de mots", "jdr": "jeu de rôle", "jt": "journal télévisé", "jo": "jeux olympiques",
        "g": "je ai", "jé": "je ai", "je": "je", "c": "c est", "cest": "c est", "sest": "c est", "ces": "ces", "cé": "c est",
        "d": "de", "dla": "de la", "dl": "de le", "dans": "dans", "ds": "dans", "dan": "dans", "dun": "d un", "dune": "d une",
        "dhabitude": "d habitude", "lordi": "le ordi", "lordinateur": "le ordinateur", "lecole": "l école", "lhopital": "l hôpital",
        "linformatique": "l informatique", "leau": "l eau", "lart": "l art", "lhistoire": "l histoire", "langlais": "l anglais",
        "kan": "quand", "kand": "quand", "qd": "quand", "ke": "que", "ki": "qui", "koi": "quoi", "kom": "comme", "com": "com",
        "pk": "pourquoi", "pq": "pourquoi", "pcq": "parce que", "psk": "parce que", "pske": "parce que", "pask": "parce que",
        "paske": "parce que", "parske": "parce que", "tt": "tout", "ts": "tous", "bcp": "beaucoup", "bocou": "beaucoup",
        "boucoup": "beaucoup", "tro": "trop", "tjr": "toujours", "tjrs": "toujours", "mm": "même", "mem": "même",
        "pr": "pour", "avc": "avec", "ac": "avec", "avek": "avec", "ek": "avec", "ss": "sans", "san": "sans", "ya": "il y a",
        "yavait": "il y avait", "yorai": "il y aurait", "y": "y", "pa": "pas", "po": "pas", "aps": "pas", "apa": "à pas",
        "nn": "non", "nan": "non", "nop": "non", "oci": "aussi", "osi": "aussi", "ossi": "aussi", "mé": "mais", "mai": "mais",
        "vx": "veux", "veu": "veux", "voudrai": "voudrais", "voudré": "voudrais", "aimerai": "aimerais", "fo": "faut",
        "fau": "faut", "fer": "fer", "fere": "faire", "fair": "faire", "fr": "faire", "fé": "fais", "taf": "travail",
        "taff": "travail", "taffer": "travailler", "bosser": "travailler", "boulo": "travail", "taffe": "travaille",
        "tel": "téléphone", "tél": "téléphone", "telephone": "téléphone", "biz": "", "slt": "", "bjr": "", "cc": "", "mdr": "",
        "ptdr": "", "lol": "", "xd": "", "wsh": "", "wesh": "", "askip": "", "starf": "", "tkt": "", "frr": "", "svp": "",
        "stp": "", "mtn": "maintenant", "auj": "aujourd hui", "we": "week end", "wk": "week end", "weekend": "week end",
        "keske": "qu est ce que", "keske'": "qu est ce que", "nimporte": "n importe", "nimp": "n importe quoi", "cmb": "combien",
        "qqch": "quelque chose", "qqun": "quelqu un", "qq": "quelque", "qlq": "quelque", "ptetre": "peut être",
        "ptet": "peut être", "vrmt": "vraiment", "vrm": "vraiment", "vrmnt": "vraiment", "grv": "grave", "trql": "tranquille",
        "trkl": "tranquille", "trankil": "tranquille", "vla": "beaucoup", "srx": "sérieux", "msg": "message", "insta": "instagram",
        "snap": "snapchat", "yt": "youtube", "ytb": "youtube", "ig": "instagram", "pc": "ordinateur", "ordis": "ordi",
        "ordi": "ordi", "vtt": "vtt", "déteste": "déteste", "detest": "déteste", "aime": "aime", "aim": "aime", "éme": "aime",
        "eme": "aime", "emm": "aime", "adore": "adore", "ador": "adore", "kif": "kiffe", "kiff": "kiffe", "kifer": "kiffer",
        "kife": "kiffe", "prof": "professeur", "profs": "professeurs", "biensur": "bien sûr", "quoi": "quoi", "cad": "c est à dire",
        "parcontre": "par contre", "enfaite": "en fait", "enfait": "en fait", "surtou": "surtout", "touts": "tous",
        "trukc": "truc", "truk": "truc", "chose": "chose", "choz": "chose", "bien": "bien", "bi1": "bien", "dmain": "demain",
        "koman": "comment", "jveut": "je veux", "jpeux": "je peux", "jpeu": "je peux", "deja": "déjà", "ouai": "oui",
        "ouais": "oui", "oé": "oui", "waw": "", "pff": "", "bah": "", "beh": "", "ben": "", "euh": "", "heu": "", "hein": "",
        "moa": "moi", "mwa": "moi", "mm's": "même", "foto": "photo", "fotos": "photos", "muzik": "musique", "zik": "musique",
        "zic": "musique", "zique": "musique", "anglai": "anglais", "anim": "animation", "anims": "animations", "kuisine": "cuisine",
    }.items()
}  # fmt: skip

# Words that say nothing of what a pupil likes. No accents.
STOP = _words("""
a ai aie aient ais ait alors apres as au aucun aucune aujourd auquel aura aurai aurais aurait aussi autre autres aux avaient avais avait
avant avec avez avoir avons ayant bah beaucoup bien bof bon bonne bonnes bonjour bons bref c ca car ce ceci cela celle celles celui
cent cependant certain certaine ces cet cette ceux chaque chez ci cinq coin comme comment contre coup cool d dans de debut dehor deja demain depuis
des desole desolee desormais deux devant devenir deviendrai devrait dire dirai dirais dire dit dois doit donc dont du durant e elle elles
en encore endroit enfin ensuite entre environ es est et etaient etais etait etant etc ete etes etre eu eux exemple exactement extra
fac facile facilement facon faire fais faisait faisant fait faites fallait faudra faudrait faut ferai ferais ferait fin final finalement fois font force forcement
franchement genial genre gens grace grave gros grosse guere h habitude hein hui hyper ici idee il ils importe important j jai jamais je juste kiffe
l la laisser laquelle le lequel les lesquels leur leurs lui lors ma maintenant mais malgre me meme memes merci mes mieux mis moi moins mon moment
monsieur madame mois monde moyen mot n ne ni niveau nom non nos notre nous nouveau nouvelle nul nulle nuls on ont ou oui par parce pareil parfois parmi
part partout pas passe passer passion passionne passionnee pendant penche penser pense petit petite petits peu peur peut peux peuvent plaira plairait plait plaisir plein pleine plupart plus plusieurs
plutot pour pourquoi pourra pourrai pourrais pourrait pourtant pouvoir prefere preferee prefererais premier premiere pres prends presque propose puis
qu quand que quel quelle quelles quelque quelqu quelques quels qui quoi quoique rien reve reves rever
s sa sais sait savoir se semaine sera serai serais serait ses seule seul seulement si sinon soi soit sommes son sont souvent special stage
stages stp suis sujet super sur surtout ta tant te tel telle tellement temps tes toi ton toujours tous tout toute toutes travail travailler
tranquille tres trois trop trouve truc trucs tu un une vais va vas vers veut veux viens voila voir voit vont vos votre voudrais voulais
vouloir vous vrai vraiment vu vue y week end jour jours journee heure heures hier soir matin midi apres-midi an ans annee annees metier metiers boulot domaine
chose choses aime aimer aimerais aimais aimerait adore adorer adorerais envie interesse interesser interessant interessante choisir choix college collegien
classe eleve ecole cours entreprise lieu possible peut-etre parents pere mere papa maman frere soeur tante oncle cousin cousine mamie papi copain copains copine
copines pote potes ami amis amie amies famille maison quartier deteste horreur sauf sans ras marre supporte allergique sauf hais preferer
decouvrir essayer tester apprendre comprendre montrer regarder regarde vois bosse bosser bosse fort forte assez mal pire top dingue ouf chaud stylé style
differents differentes divers diverses genre sortes sorte type types tenir tiens tient tenu direct directement suite suites convention conventions france place places poser pose
mechant mechante mechants tourner tourne sortir sors probleme problemes plusieurs peine maintenant tellement donne donner donnes
""")

# To refuse these is to care: « je supporte pas l'injustice ».
ILLS = _words(
    "injustice injustices racisme racistes raciste harcelement pollution gaspillage gachis maltraitance inegalites discriminations "
    "discrimination violence violences pauvrete misere homophobie sexisme dechets polluer gaspiller injuste"
)

EMOJI = {
    "⚽": "foot", "🏀": "basket", "🐶": "chien", "🐱": "chat", "🐴": "cheval", "🐕": "chien", "🎮": "gaming", "🎨": "peinture",
    "🎸": "guitare", "🎤": "chanter", "🎧": "musique", "🎵": "musique", "🎶": "musique", "📸": "photo", "📷": "photo", "🎬": "cinéma",
    "💄": "maquillage", "💅": "ongles", "💇": "coiffure", "👶": "bébé", "🍰": "pâtisserie", "🎂": "gâteau", "🍕": "pizza", "🍳": "cuisine",
    "🚗": "voiture", "🏍": "moto", "🚲": "vélo", "🚒": "pompier", "🚓": "police", "✈": "avion", "🌱": "plante", "🌳": "arbre", "🌍": "planète",
    "💻": "ordinateur", "📱": "téléphone", "📚": "livres", "📖": "lire", "🔧": "mécanique", "🔨": "bricolage", "🏥": "hôpital", "💉": "piqûre",
    "💰": "argent", "🐾": "animaux", "🥊": "boxe", "🏊": "natation", "💃": "danse", "🧵": "couture", "👗": "mode", "🦁": "animaux sauvages",
}  # fmt: skip
