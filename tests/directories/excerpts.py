"""Small files written by hand in the formats of the official ones (a SIREN in 999 is invented)."""

from __future__ import annotations

import json

from tests.world import siren, siret

A, B, C = siren(901), siren(902), siren(903)

# The national directory's 72 columns; a line is made from the few that matter.
ANNUAIRE = (
    "Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Adresse_1;Adresse_2;"
    "Adresse_3;Code_postal;Code_commune;Nom_commune;Code_departement;Code_academie;Code_region;Ecole_maternelle;"
    "Ecole_elementaire;Voie_generale;Voie_technologique;Voie_professionnelle;Telephone;Fax;Web;Mail;Restauration;"
    "Hebergement;ULIS;Apprentissage;Segpa;Section_arts;Section_cinema;Section_theatre;Section_sport;"
    "Section_internationale;Section_europeenne;Lycee_Agricole;Lycee_militaire;Lycee_des_metiers;Post_BAC;"
    "Appartenance_Education_Prioritaire;GRETA;SIREN_SIRET;Nombre_d_eleves;Fiche_onisep;position;Type_contrat_prive;"
    "Libelle_departement;Libelle_academie;Libelle_region;coordX_origine;coordY_origine;epsg_origine;nom_circonscription;"
    "latitude;longitude;precision_localisation;date_ouverture;date_maj_ligne;etat;ministere_tutelle;multi_uai;"
    "rpi_concentre;rpi_disperse;code_nature;libelle_nature;Code_type_contrat_prive;PIAL;etablissement_mere;"
    "type_rattachement_etablissement_mere;code_circonscription;code_zone_animation_pedagogique;"
    "libelle_zone_animation_pedagogique;code_bassin_formation;libelle_bassin_formation"
)


def annuaire(*schools: dict[str, str]) -> str:
    """Lines of the national directory, by column."""
    columns = ANNUAIRE.split(";")
    assert len(columns) == 72
    return "\n".join([ANNUAIRE, *(";".join(school.get(column, "") for column in columns) for school in schools)]) + "\n"


RABELAIS = {
    "Identifiant_de_l_etablissement": "0622795B",
    "Nom_etablissement": "Collège François Rabelais",
    "Type_etablissement": "Collège",
    "Statut_public_prive": "Public",
    "Adresse_1": "51 rue René Cassin",
    "Code_postal": "62110",
    "Code_commune": "62427",
    "Nom_commune": "Hénin-Beaumont",
    "Telephone": "03 21 75 00 00",
    "Mail": "ce.0622795b@ac-lille.fr",
    "latitude": "50.41243",
    "longitude": "2.95864",
    "etat": "OUVERT",
    "code_nature": "340",
}
PHILIPE = RABELAIS | {
    "Identifiant_de_l_etablissement": "0622581U",
    "Nom_etablissement": "Collège Gérard Philipe",
    "Adresse_1": "225 place Wagon",
    "Mail": "ce.0622581u@ac-lille.fr",
    "latitude": "50.42149",
    "longitude": "2.94312",
    "Appartenance_Education_Prioritaire": "REP",
}
LYCEE = RABELAIS | {
    "Identifiant_de_l_etablissement": "0622085E",
    "Nom_etablissement": "Lycée Senez",
    "Type_etablissement": "Lycée",
    "code_nature": "302",
}
BETHUNE = RABELAIS | {
    "Identifiant_de_l_etablissement": "0622264Z",
    "Nom_etablissement": "Collège George Sand",
    "Code_postal": "62400",
    "Code_commune": "62119",
    "Nom_commune": "Béthune",
}

SCHOOLS = annuaire(RABELAIS, PHILIPE, LYCEE, BETHUNE)

COMMUNES = (
    "code_insee;nom;codes_postaux;population;siren;epci_code;epci_nom;lat_laposte;lon_laposte\n"
    "62427;Hénin-Beaumont;62110;25688;216204271;246200299;CA d'Hénin-Carvin;50.40923;2.95900\n"
    "62274;Dourges;62119;6139;216202747;246200299;CA d'Hénin-Carvin;50.43939;2.98727\n"
    "62321;Évin-Malmaison;62141;4628;216203216;246200299;CA d'Hénin-Carvin;50.43536;3.03002\n"
    "62119;Béthune;62400;25000;216201194;200072460;CA Béthune-Bruay;50.5308;2.6406\n"
)

SIAE_HEADING = "name;brand;kind;siret;naf;address;post_code;city;department;lat;lon;website;description;source"


def siae(*lines: str) -> str:
    return "\r\n".join([SIAE_HEADING, *lines]) + "\r\n"


SIAE = siae(
    f"LE FIL DOUX;Le Fil doux;ACI;{siret(A)};8899B;3 rue du Fil;62110;Hénin-Beaumont;62;50.41;2.96;;Couture;ASP",
    f"RECUP HENIN;;EI;{siret(B)};3832Z;ZI;62253;HENIN BEAUMONT CEDEX;62;;;;;ASP",
    f"LOIN;;AI;{siret(C)};8899B;1 rue;62100;Calais;62;50.95;1.85;;;ASP",
)

SIRENE = (
    "siren,nic,siret,statutDiffusionEtablissement,etablissementSiege,numeroVoieEtablissement,typeVoieEtablissement,"
    "libelleVoieEtablissement,codePostalEtablissement,libelleCommuneEtablissement,codeCommuneEtablissement,"
    "etatAdministratifEtablissement,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale,nomUniteLegale\n"
    f"{A},00018,{siret(A)},O,true,3,RUE,DU FIL,62110,HENIN-BEAUMONT,62427,A,LE FIL DOUX,9220,O,\n"
    f"{B},00018,{siret(B)},O,true,8,AV,DES FOSSES,62110,HENIN-BEAUMONT,62427,A,VENTE SARL,5499,N,\n"
    f"{C},00018,{siret(C)},P,true,,,,62110,HENIN-BEAUMONT,62427,A,,1000,,DUPONT\n"
)

COMPANY_SEARCH = json.dumps(
    {
        "results": [
            {
                "siren": A,
                "nom_complet": "LE FIL DOUX",
                "nom_raison_sociale": "LE FIL DOUX",
                "nature_juridique": "9220",
                "etat_administratif": "A",
                "dirigeants": [{"nom": "DUPONT", "prenoms": "CLAIRE"}],
                "siege": {
                    "siret": siret(A),
                    "adresse": "3 RUE DU FIL 62110 HENIN-BEAUMONT",
                    "code_postal": "62110",
                    "commune": "62427",
                    "libelle_commune": "HENIN-BEAUMONT",
                    "latitude": "50.41",
                    "longitude": "2.96",
                    "etat_administratif": "A",
                    "liste_enseignes": ["Le Fil doux"],
                },
                "matching_etablissements": [
                    {"siret": siret(A), "commune": "62427", "etat_administratif": "A"},
                    {"siret": siret(A, 2), "commune": "62427", "code_postal": "62110", "etat_administratif": "F"},
                ],
                "complements": {"est_ess": True, "est_siae": False},
            },
            {
                "siren": B,
                "nom_raison_sociale": "VENTE SARL",
                "nature_juridique": "5499",
                "siege": {"siret": siret(B), "commune": "62427", "code_postal": "62110"},
                "complements": {"est_ess": False},
            },
        ],
        "total_results": 2,
    }
)

ROME = (
    '"code_rome","code_fiche_metier","code_ogr","libelle_rome","transition_eco","transition_num","transition_demo",'
    '"emploi_reglemente","emploi_cadre","code_rome_parent"\n'
    '"K1224","1","1","Encadrant / Encadrante technique d\'insertion socioprofessionnelle","","","","N","N","K1203"\n'
    '"Z9999","1","1","Métier d\'un autre monde","","","","N","N","Z9999"\n'
)
TITLES = (
    '"code_ogr","libelle_appellation_long","libelle_appellation_court","code_rome"\n'
    '"1","Souffleur / Souffleuse de verre","Souffleur de verre","B1602"\n'
    '"2","Verrier d\'art","Verrier d\'art","B1602"\n'
    '"3","Faux","Faux verrier","B16"\n'
)
RIASEC = '"code_rome","riasec_majeur","riasec_mineur"\n"K1224","S","C"\n"K1203","S","I"\n'
INTERESTS = (
    '"code_centre_interet","libelle_centre_interet","definition_centre_interet"\n'
    '"1","J\'ai envie de créer, construire, rénover","Créer :\n\nbeaucoup de métiers."\n'
)
LINKS = (
    "code_centre_interet,libelle_centre_interet,code_ogr_rome,code_rome,libelle_rome,principal\n"
    '1,"J\'ai envie de créer, construire, rénover",39,K1224,Encadrant,non\n'
)
ESS_OCCUPATIONS = (
    "rome_code;label_rome_v460;rome_parent;riasec;ess_sector;typical_host\n"
    "K1224;Encadrant / Encadrante technique d'insertion socioprofessionnelle;K1203;SC;INSERTION;ACI\n"
)
TYPOLOGIES = "value,label,description\nACI,Ateliers et chantiers d’insertion (ACI),\nCCAS,Centres communaux,\n"
LEGAL_FORMS = "input_name,input_code,siae_count,output_name\nAssociation déclarée,9220,5388,ASSOCIATION\n,,44,AUTRE\n"
OFFER_COUNTS = "secteur;public;filiere;n\nEnseignement;VRAI;seconde_only;6604\nEnseignement;FAUX;seconde_only;12\n"
HOLIDAYS = "name;first_day_off;last_day_off\nVacances de Noël;2026-12-19;2027-01-03\nInventées;2026-11-23;2026-11-27\n"
VERSION = "Numero de version : 60\n\nDate de publication : 18/09/2025\n"
IPS = (
    "Rentrée scolaire;Académie;Code du département;Département;UAI;Nom de l'établissment;Code INSEE de la commune;"
    "Nom de la commune;Secteur;Effectifs;IPS;Ecart-type de l'IPS\n"
    "2022-2023;Lille;062;Pas-de-Calais;0622795B;COLLEGE FRANCOIS RABELAIS;62427;Hénin-Beaumont;public;644;94,4;30\n"
    "2023-2024;Lille;062;Pas-de-Calais;0622795B;COLLEGE FRANCOIS RABELAIS;62427;Hénin-Beaumont;public;650;95,1;30\n"
)
GEO_API = json.dumps(
    [
        {
            "nom": "Dourges",
            "code": "62274",
            "codesPostaux": ["62119"],
            "codeEpci": "246200299",
            "centre": {"type": "Point", "coordinates": [2.98727, 50.43939]},
        }
    ]
)

SCHOOLS_GEOJSON = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [2.947, 50.4145]},
                "properties": {
                    name.lower(): value for name, value in school.items() if name not in {"latitude", "longitude"}
                },
            }
            for school in (RABELAIS, PHILIPE, BETHUNE)
        ],
    }
)
SIAE_API = json.dumps(
    {
        "count": 1,
        "next": None,
        "results": [
            {
                "siret": siret(A),
                "type": "ACI",
                "raison_sociale": "LE FIL DOUX",
                "addresse_ligne_1": "3 rue du Fil",
                "code_postal": "62110",
                "ville": "Hénin-Beaumont",
                "postes": [{"rome": "H2201", "description": "Couture"}, {"rome": "K1224"}],
            }
        ],
    }
)
SIRENE_API = json.dumps(
    {
        "header": {"statut": 200, "total": 2},
        "etablissements": [
            {
                "siren": of,
                "siret": siret(of),
                "statutDiffusionEtablissement": "O",
                "uniteLegale": {
                    "denominationUniteLegale": "LE FIL DOUX",
                    "categorieJuridiqueUniteLegale": "9220",
                    "economieSocialeSolidaireUniteLegale": "O",
                },
                "adresseEtablissement": {
                    "libelleVoieEtablissement": "DU FIL",
                    "codePostalEtablissement": "62110",
                    "libelleCommuneEtablissement": "HENIN-BEAUMONT",
                    "codeCommuneEtablissement": "62427",
                    "coordonneeLambertAbscisseEtablissement": "697081.394",
                    "coordonneeLambertOrdonneeEtablissement": "7034628.755",
                },
                "periodesEtablissement": [
                    {"dateFin": None, "etatAdministratifEtablissement": now},
                    {"dateFin": "2020-01-01", "etatAdministratifEtablissement": "F"},
                ],
            }
            for of, now in ((A, "A"), (B, "F"))
        ],
    }
)

FILES: dict[str, tuple[str, str]] = {
    "schools": ("schools", SCHOOLS),
    "ips": ("schools", IPS),
    "communes": ("communes", COMMUNES),
    "geo-api": ("communes", GEO_API),
    "siae": ("structures", SIAE),
    "sirene": ("sirene", SIRENE),
    "company-search": ("company-search", COMPANY_SEARCH),
    "schools-geojson": ("schools", SCHOOLS_GEOJSON),
    "siae-api": ("structures", SIAE_API),
    "sirene-api": ("sirene", SIRENE_API),
    "rome": ("rome-occupations", ROME),
    "titles": ("rome-occupations", TITLES),
    "riasec": ("rome-riasec", RIASEC),
    "interests": ("rome-interests", INTERESTS),
    "links": ("rome-interest-links", LINKS),
    "ess": ("ess-occupations", ESS_OCCUPATIONS),
    "typologies": ("typologies", TYPOLOGIES),
    "legal-forms": ("legal-forms", LEGAL_FORMS),
    "offer-counts": ("offer-counts", OFFER_COUNTS),
    "holidays": ("holidays", HOLIDAYS),
    "version": ("rome-version", VERSION),
}
