"""Why each rule decides as it does, in words a family can read (language level B1)."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in Dutch, English and French."""

    nl: str
    en: str
    fr: str


REASONS: Final = MappingProxyType(
    {
        "G0": Reason(
            "Het systeem kon de gegevens over deze vraag niet lezen. Daarom delen we niets.",
            "The system could not read the facts about this request. So nothing is shared.",
            "Le système n'a pas pu lire les données de cette demande. Rien n'est donc partagé.",
        ),
        "G1": Reason(
            "We weten niet zeker wie dit vraagt, of de dienst is niet (meer) actief.",
            "We are not sure who is asking, or the service is not active (any more).",
            "Nous ne savons pas avec certitude qui demande, ou le service n'est plus actif.",
        ),
        "G2": Reason(
            "Tussen deze diensten is er nu geen geldige afspraak om gegevens uit te wisselen.",
            "These services have no valid agreement at this moment to exchange data.",
            "Ces services n'ont pas d'accord valable en ce moment pour échanger des données.",
        ),
        "G3": Reason(
            "Deze dienst of persoon mag voor dit doel geen gegevens vragen.",
            "This service or person may not ask for data for this purpose.",
            "Ce service ou cette personne ne peut pas demander de données dans ce but.",
        ),
        "G4": Reason(
            "Deze dienst of persoon helpt dit kind nu niet.",
            "This service or person does not help this child at the moment.",
            "Ce service ou cette personne n'aide pas cet enfant en ce moment.",
        ),
        "G6": Reason(
            "Dit document mengt gegevens. We vragen de schrijver eerst om een uittreksel.",
            "This document mixes things together. We first ask its author for an extract.",
            "Ce document mélange des données. Nous demandons d'abord un extrait à son auteur.",
        ),
        "G7": Reason(
            "Voor beleid en onderzoek geven we alleen cijfers, geen gegevens van één kind.",
            "Policy and research get figures only, never the data of one child.",
            "La politique et la recherche ne reçoivent que des chiffres, rien sur un seul enfant.",
        ),
        "G5": Reason(
            "De ontvanger heeft dit soort gegevens niet nodig voor zijn werk.",
            "The recipient does not need this kind of data for its work.",
            "Le destinataire n'a pas besoin de ce type de données pour son travail.",
        ),
        "H1": Reason(
            "Dit zou tonen waar het kind verblijft. Dat adres is geheim.",
            "This would show where the child stays. That address is secret.",
            "Ceci montrerait où l'enfant séjourne. Cette adresse est secrète.",
        ),
        "H2": Reason(
            "Dit is een stuk van het gerecht. Het blijft bij het gerecht.",
            "This is a document of the court. It stays with the court.",
            "Ceci est une pièce de la justice. Elle reste à la justice.",
        ),
        "H3": Reason(
            "Gerecht of politie krijgt dit niet zomaar. Een medewerker bekijkt de vraag.",
            "Court or police do not simply get this. A member of staff looks at the request.",
            "Ceci ne va pas d'office à la justice ou à la police. Un agent examine la demande.",
        ),
        "H4": Reason(
            "Iemand vertelde dit in vertrouwen. Alleen die persoon kan het vrijgeven.",
            "Somebody told this in confidence. Only that person can release it.",
            "Quelqu'un a dit ceci en confiance. Seule cette personne peut le libérer.",
        ),
        "H7": Reason(
            "Dit gaat over de gezondheid van de jongere. Alleen de jongere kan het vrijgeven.",
            "This is about the young person's health. Only the young person can release it.",
            "Ceci concerne la santé personnelle du jeune. Seul le jeune peut le libérer.",
        ),
        "H5": Reason(
            "Dit gaat over iemand anders. Die persoon gaf hiervoor geen toestemming.",
            "This is about somebody else. That person did not agree to share it.",
            "Ceci concerne quelqu'un d'autre. Cette personne n'a pas donné son accord.",
        ),
        "H6": Reason(
            "Naam of rijksregisternummer mag hier niet gebruikt worden. We gebruiken een code.",
            "The name or national number may not be used here. We use a code instead.",
            "Le nom ou le numéro national ne peut pas être utilisé ici. Nous utilisons un code.",
        ),
        "L1": Reason(
            "Het kind gaat naar een ander CLB. De wet laat dit deel van het dossier volgen.",
            "The child moves to another CLB. The law lets this part of the file follow.",
            "L'enfant passe à un autre CLB. La loi permet que cette partie du dossier suive.",
        ),
        "L2": Reason(
            "De wet of een rechter verplicht om dit te geven. Iemand heeft dat nagekeken.",
            "The law or a judge requires this to be given. Somebody has checked that.",
            "La loi ou un juge oblige à donner ceci. Quelqu'un l'a vérifié.",
        ),
        "L3": Reason(
            "Er is ernstig gevaar. Dit te zeggen is de enige manier om dat gevaar te stoppen.",
            "There is serious danger. Telling this is the only way to stop it.",
            "Il y a un danger grave. Le dire est la seule façon de l'arrêter.",
        ),
        "L4": Reason(
            "Een hulpverlener maakt zich ernstig zorgen en meldt dat aan VK of OCJ.",
            "A professional is seriously worried and reports this to the VK or OCJ.",
            "Un professionnel est très inquiet et le signale au VK ou à l'OCJ.",
        ),
        "L5": Reason(
            "Dit wordt gedeeld in een overleg dat de wet toelaat, alleen met wie daar bij is.",
            "This is shared in a meeting that the law allows, only with those who take part.",
            "Ceci est partagé dans une réunion permise par la loi, avec ses participants.",
        ),
        "L6": Reason(
            "De familie antwoordde niet op onze vraag. De hulp kan hier niet op wachten.",
            "The family did not answer our question. The help cannot wait for this.",
            "La famille n'a pas répondu à notre question. L'aide ne peut pas attendre.",
        ),
        "L6b": Reason(
            "De familie kreeg de vraag en zei nee. Dan delen hulpverleners dit niet.",
            "The family was asked and said no. Then professionals do not share this.",
            "La famille a dit non à la question. Les professionnels ne partagent donc pas ceci.",
        ),
        "L7": Reason(
            "Het leven van het kind is in gevaar. De arts ziet wat nu nodig is.",
            "The child's life is in danger. The doctor sees what is needed now.",
            "La vie de l'enfant est en danger. Le médecin voit ce qu'il faut maintenant.",
        ),
        "L8": Reason(
            "Wie dit vraagt, heeft het recht om dit deel van het dossier te lezen.",
            "Whoever asks this has the right to read this part of the file.",
            "La personne qui le demande a le droit de lire cette partie du dossier.",
        ),
        "L9": Reason(
            "De hulpverlener waarschuwt zelf het parket. Dat gebeurt niet via dit systeem.",
            "A professional warns the prosecutor in person. That does not go through this system.",
            "Le professionnel avertit lui-même le parquet. Cela ne passe pas par ce système.",
        ),
        "R1": Reason(
            "De persoon over wie dit gaat, zei nee of trok de toestemming in.",
            "The person this is about said no, or took the consent back.",
            "La personne concernée a dit non, ou a retiré son consentement.",
        ),
        "R2": Reason(
            "De familie sloot deze dienst of persoon uit.",
            "The family shut out this service or person.",
            "La famille a exclu ce service ou cette personne.",
        ),
        "R3": Reason(
            "Iemand maakte bezwaar. Dit deel van het dossier gaat niet naar het nieuwe CLB.",
            "Somebody objected. This part of the file does not go to the new CLB.",
            "Quelqu'un s'y est opposé. Cette partie du dossier ne va pas au nouveau CLB.",
        ),
        "R7": Reason(
            "De hulpverlener die dit schreef, houdt het voor zich. U kunt daar vragen waarom.",
            "The professional who wrote this keeps it back. You can ask there why.",
            "Le professionnel qui a écrit ceci le garde. Vous pouvez lui demander pourquoi.",
        ),
        "R4": Reason(
            "De overdracht naar het nieuwe CLB mag nog niet. We wachten tot dat wel mag.",
            "The transfer to the new CLB is not allowed yet. We wait until it is.",
            "Le transfert au nouveau CLB n'est pas encore permis. Nous attendons qu'il le soit.",
        ),
        "R5": Reason(
            "De ouders zijn het hierover niet eens. We wachten tot dat opgelost is.",
            "The parents do not agree about this. We wait until that is settled.",
            "Les parents ne sont pas d'accord. Nous attendons que cela soit réglé.",
        ),
        "R6": Reason(
            "Er loopt een bezwaar tegen het gebruik van deze gegevens. We wachten op het antwoord.",
            "Somebody objected to the use of this data. We wait for the answer.",
            "Quelqu'un s'est opposé à l'utilisation de ces données. Nous attendons la réponse.",
        ),
        "R8": Reason(
            "Het is nog niet duidelijk of het kind hier zelf over beslist. We wachten daarop.",
            "It is not clear yet whether the child decides about this. We wait for that.",
            "Il n'est pas encore clair si l'enfant décide lui-même. Nous attendons.",
        ),
        "K5": Reason(
            "De familie gaf toestemming aan één persoon op één plek. Niet aan deze persoon hier.",
            "The family agreed to one person in one place. That is not this person here.",
            "La famille a donné son accord pour une autre personne, ou un autre endroit.",
        ),
        "K6": Reason(
            "De toestemming is voor een ander team, of voor een dienst die nu ander werk doet.",
            "The consent is for another team, or for a service that now does other work.",
            "L'accord vaut pour une autre équipe, ou pour un service dont le travail a changé.",
        ),
        "K7": Reason(
            "De tekst waar de familie mee akkoord ging, is veranderd. We vragen het opnieuw.",
            "The text the family agreed to has changed. We ask again.",
            "Le texte que la famille a accepté a changé. Nous redemandons son accord.",
        ),
        "K2": Reason(
            "De familie gaf toestemming. Zonder beroepsgeheim krijgt de ontvanger een uittreksel.",
            "The family agreed. Without professional secrecy the recipient gets an extract.",
            "La famille est d'accord. Sans secret professionnel, on ne reçoit qu'un extrait.",
        ),
        "K2b": Reason(
            "De familie gaf toestemming om dit te gebruiken voor de beslissing over steun.",
            "The family agreed to use this for the decision about support.",
            "La famille accepte que ceci serve à la décision sur l'aide.",
        ),
        "K1": Reason(
            "Iedereen die hierover beslist, gaf toestemming.",
            "Everybody who decides about this agreed.",
            "Toutes les personnes qui en décident ont donné leur accord.",
        ),
        "K4": Reason(
            "Eén ouder gaf toestemming. De andere ouder zei niets en krijgt bericht.",
            "One parent agreed. The other parent said nothing and is told.",
            "Un parent est d'accord. L'autre parent n'a rien dit et est informé.",
        ),
        "K3": Reason(
            "De familie gaf wel toestemming voor andere gegevens, maar niet voor deze.",
            "The family agreed to share other data, but not this.",
            "La famille accepte de partager d'autres données, mais pas celles-ci.",
        ),
        "J1": Reason(
            "Collega's van hetzelfde team delen wat nodig is voor hun werk met dit kind.",
            "Colleagues of the same team share what their work with this child needs.",
            "Les collègues d'une même équipe partagent ce que leur travail avec l'enfant demande.",
        ),
        "T6": Reason(
            "Niets geeft het recht om dit te delen. Dan delen we niet.",
            "Nothing gives the right to share this. Then we do not share.",
            "Rien ne donne le droit de partager ceci. Alors nous ne partageons pas.",
        ),
    }
)
