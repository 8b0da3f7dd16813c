"""Private trades as their workplaces would describe them. Read by dashboards.demo.trades.

First line: occupation field, supply, wish, women %, SNI code, "apl" or "-". `more` is a second slot: a suffix and
its tasks.
"""

from typing import Final

PRIVATE: Final[dict[str, str]] = {
    "bakery": """
        trade: craft 4 3 50 10710 apl
        names: {place} Bageri | {lasts} Konditori | {word} Bageri & Café
        words: Hörnans Kavelns Kringlan Vetets Degens
        tasks: Du är med i bageriet: väger upp, bakar ut bullar och kakor, packar och plockar upp i disken.
            På eftermiddagen hjälper du till i kaféet. | Vi bakar från grunden varje dag. Du får forma bröd,
            pensla, gräddbevaka och packa beställningar. Sista dagen bakar du något eget.
        bring: Hela, rena skor. Arbetskläder får du låna. | Skor med bra sula och långt hår uppsatt. Lunch ingår.
        know: Säg till före start om du är allergisk mot mjöl eller nötter.
        hours: 07.00-14.00 | 06.30-13.30
        more: kaféet | Du tar emot gäster, brygger kaffe, gör i ordning smörgåsar och håller fint vid borden.
    """,
    "restaurant": """
        trade: hotel_restaurant 6 4 55 56100 apl
        names: Restaurang {word} | {place} Värdshus | {word} Kök & Bar | {lasts} Krog
        words: Viskan Kvarnen Lyktan Salt Bryggeriet Magasinet Stationen
        tasks: Du förbereder råvaror, dukar, plockar disk och är med när lunchen serveras. Kocken visar dig
            knivteknik. | Från leverans på morgonen till lunchservering: du sköljer och skär, lägger upp
            sallader och tar emot gäster.
        bring: Skor som inte halkar. Förkläde finns. Lunch ingår.
        hours: 08.30-15.30 | 09.00-16.00
    """,
    "hotel": """
        trade: hotel_restaurant 2 4 62 55101 apl
        names: {word} Hotell | Hotell {word} | {place} Stadshotell
        words: Åsunden Vävaren Ryttaren Sjögläntan
        tasks: Du följer med i receptionen, bäddar rum, dukar frukost och ser hur en konferens förbereds. En
            dag i varje del av huset.
        bring: Mörka byxor och hela skor. Skjorta får du låna. Lunch ingår.
        hours: 08.00-15.00
    """,
    "grocery": """
        trade: sales 9 3 64 47112 apl
        names: {place} Livs | Matboden {place} | {lasts} Livs | Mathallen {word}
        words: Viskan Centrum Torget Stationen
        tasks: Du packar upp varor, frontar hyllor, kollar datum i mejeriet och hjälper kunder att hitta
            rätt. | En vanlig butiksvecka: frukt och grönt på morgonen, leveranser, prismärkning och hjälp i
            förbutiken.
        bring: Oömma byxor och bra skor. Tröja får du av oss. | Bra skor. Ta med matlåda, det finns mikro.
        hours: 08.00-15.00 | 09.00-16.00
    """,
    "clothes": """
        trade: sales 4 9 71 47711 -
        names: {word} Mode | Butik {word} | {lasts} Ekipering
        words: Nora Linne Väven Tråden Form
        tasks: Du packar upp nyheter, viker och hänger, klär skyltdockor och hjälper kunder i provrummen.
        bring: Kläder du själv trivs i och sköna skor.
        hours: 10.00-17.00
    """,
    "sport_shop": """
        trade: sales 3 7 45 47640 -
        names: {place} Sport & Fritid | {word} Sport | Cykelboden i {place}
        words: Åsen Spåret Mållinjen
        tasks: Du hjälper till i butiken, slipar skridskor, skruvar cyklar och packar upp varor inför säsongen.
        bring: Oömma kläder.
        hours: 09.30-16.30
    """,
    "vet": """
        trade: nature 1.2 40 89 75000 -
        names: Djurkliniken {word} | {place} Djurklinik | Smådjurskliniken {word}
        words: Ätran Tassen Viskan
        tasks: Du följer djursjukskötaren: tar emot djur, väger, städar burar, sköter instrument och ser på
            när vi röntgar.
        bring: Inomhusskor och kläder som tål päls. Arbetsrock finns.
        know: Du behöver tåla att se blod. Säg till om du är pälsdjursallergisk.
        hours: 08.00-15.00
    """,
    "stable": """
        trade: nature 2.5 14 74 01430 -
        names: {place} Ridklubb | Stall {word} | {word} Ridskola
        words: Solbacken Lunna Tyfta Kroken
        tasks: Mockning, fodring och ryktning hör till varje dag. Du är med när grupperna rider och lär dig
            läsa en häst.
        bring: Stövlar och kläder efter väder. Hjälm finns att låna. Matlåda.
        know: Vi är ute mycket, också när det regnar.
        hours: 07.30-14.30
    """,
    "farm": """
        trade: nature 3 2.2 23 01500 apl
        names: {word} Gård | {lasts} Lantbruk | {place} Mjölk & Kött
        words: Hagens Ekenäs Ljungsnäs Smälteryds Björkhult
        tasks: Du är med vid morgonmjölkning och utfodring, hjälper till i kalvstallet och lär dig hur en
            gård sköts. | Kor, får och höns ska ha sitt. Vi lagar stängsel, sår eller skördar beroende på
            årstid.
        bring: Stövlar och oömma kläder. Lunch äter vi tillsammans.
        know: Gården ligger utanför byn. Vi kan hämta vid bussen.
        hours: 07.00-14.00
    """,
    "garden": """
        trade: nature 2.5 2.5 45 01300 apl
        names: {word} Trädgård | {place} Handelsträdgård | {lasts} Blommor
        words: Viskans Solängens Lindens
        tasks: Du planterar om, vattnar, binder enkla buketter och håller ordning i växthuset.
        bring: Kläder som får bli jordiga. Handskar finns.
        hours: 08.00-15.00
    """,
    "hair": """
        trade: body_care 4 11 92 96021 apl
        names: Salong {word} | {word} Hår & Form | Klippet i {place}
        words: Saxen Noir Slinga Vågen Lockelse
        tasks: Du tar emot kunder, tvättar hår, blandar färg med oss och övar på ett eget huvud. Ordning och
            reda hör till yrket.
        bring: Sköna skor, du står mycket.
        hours: 09.00-16.00
    """,
    "gym": """
        trade: body_care 2 11 55 93130 -
        names: {word} Träning | {place} Gym | Friskhuset {place}
        words: Puls Svett Kraftverket
        tasks: Du välkomnar i receptionen, håller ordning i gymmet, är med på pass och får prova att leda en
            uppvärmning.
        bring: Träningskläder och inneskor.
        hours: 09.00-16.00 | 08.30-15.30
    """,
    "building": """
        trade: construction 8 5 2 41200 apl
        names: {lasts} Bygg | {place} Bygg & Snickeri | {word} Byggnads AB | Byggarna i {place}
        words: Ätrans Viskadalens Sjuhärads Västkullens
        tasks: Du är med på ett bygge: bär virke, mäter, kapar och skruvar ihop med en snickare. Vi visar
            innan du provar. | Vi renoverar kök och badrum. Du river, bär, håller rent och får lära dig läsa
            en ritning.
        bring: Varma arbetskläder. Skyddsskor och hjälm får du låna. Matlåda.
        know: Vi samlas på verkstaden och åker tillsammans. Motorsåg och kapsåg sköter vi.
        hours: 07.00-14.30
    """,
    "painter": """
        trade: construction 3 1.6 9 43341 apl
        names: {lasts} Måleri | {place} Måleri & Golv | Penseln i {place}
        words: Penseln
        tasks: Du spacklar, slipar, täcker och målar tillsammans med en av våra målare. Vi brukar hinna med
            två olika bostäder.
        bring: Kläder som får bli målade. Matlåda.
        hours: 07.00-14.30
    """,
    "electric": """
        trade: installation 4 4 2 43210 apl
        names: {place} El & Tele | {lasts} El | Elteknik {word}
        words: Sjuhärad Väst Viskan
        tasks: Du följer en elektriker: drar kabel, monterar uttag utan ström och felsöker i verkstaden. |
            Vi sätter upp laddboxar och belysning. Du hjälper till med dragning, märkning och plock på
            lagret.
        bring: Oömma kläder. Skyddsskor lånar du av oss.
        know: Du arbetar aldrig med spänning på.
        hours: 07.00-14.30
    """,
    "plumbing": """
        trade: installation 4 1.4 2 43221 apl
        names: {place} Plåt & Ventilation | {lasts} Rör | {place} VVS
        words: Rör
        tasks: Du är med på serviceturer, byter packningar, mäter och bockar plåt i verkstaden. | Vi bygger
            ventilation till skolor och kontor. Du mäter, klipper plåt och hjälper till vid monteringen.
        bring: Oömma kläder och matlåda. Skyddsutrustning finns.
        hours: 07.00-14.30
    """,
    "car": """
        trade: installation 6 6 5 45201 apl
        names: {lasts} Bilverkstad | {place} Bil & Däck | {word} Motor
        words: Rondellens Kungs Västra Stations
        tasks: Du byter däck, fyller vätskor, städar bilar och är med vid felsökning på dator. |
            Serviceverkstad med fyra lyftar. Du får byta olja, kolla bromsar och lära dig verktygen.
        bring: Kläder som får bli oljiga. Skyddsskor finns i storlek 37–46.
        hours: 07.30-14.30
    """,
    "metal": """
        trade: industry 6 1.2 10 25620 apl
        names: {place} Mekaniska | {lasts} Verkstad | {word} Precision AB | {place} Plastindustri
        words: Nord Åtta Gejder Sjuhärads
        tasks: Du följer en operatör vid en styrd maskin, mäter detaljer, packar och lär dig läsa en
            ritning. | Vi tillverkar delar till lastbilar. Du är med i svets, montering och kontroll, en dag
            på varje station.
        bring: Heltäckande kläder. Skyddsskor, glasögon och hörselskydd får du låna.
        know: Du går bredvid hela tiden och kör inga maskiner själv.
        hours: 07.00-14.30
        more: lagret | Du plockar order, packar pallar och ser hur en leverans blir till. Truck kör du inte.
    """,
    "textile": """
        trade: industry 5 1.6 50 13300 apl
        names: {lasts} Väveri | {place} Textil AB | {word} Textil
        words: Ryttarens Almedals Skytteln Trikå
        tasks: Från tråd till tyg: du följer vävning, färgning och sömnad, packar prover och hjälper till på lagret.
        bring: Hela skor och uppsatt hår.
        hours: 07.30-14.30
    """,
    "food_industry": """
        trade: industry 3 1 40 10130 apl
        names: {place} Chark | {word} Livsmedel | {lasts} Mejeri
        words: Åsens Sjuhärads Gröna
        tasks: Du är med i packning, kontroll och lager. Vi går igenom hygien första morgonen.
        bring: Varm tröja under arbetsrocken, det är kallt i produktionen.
        hours: 07.00-14.00
    """,
    "transport": """
        trade: transport 5 1.4 9 49410 apl
        names: {word} Åkeri | {lasts} Åkeri | {place} Transport
        words: Viskadalens Ätradalens Västkust Sjuhärads
        tasks: Du åker med en chaufför, lastar och lossar, och är med på trafikledningen en dag. | Terminal
            och bil: du sorterar gods, scannar kollin och följer med på en slinga.
        bring: Varsel och skyddsskor lånar du. Matlåda och varma kläder.
        hours: 07.00-14.30
    """,
    "warehouse": """
        trade: transport 7 1.1 25 52100 apl
        names: {place} Logistik | {word} Lager & Logistik | E-lagret i {place}
        words: Viareds Knutpunkten Nordic Pallen
        tasks: Du plockar order till nätbutiker, packar, märker och sköter returer. | Stort lager med kläder
            och heminredning. Du scannar, plockar och är med på morgonens genomgång.
        bring: Skor med stadig sula. Matlåda.
        hours: 07.30-14.30 | 08.00-15.00
    """,
    "it": """
        trade: it 2.2 26 20 62010 -
        names: {word} Data | {place} IT-partner | {word} Systems | Kodverket {place}
        words: Nolltre Viska Bitvis Lod
        tasks: Du sätter upp datorer, är med i supporten och bygger en egen enkel webbsida som du visar på
            fredagen. | Du testar ett program vi bygger, skriver felrapporter och får koda tillsammans med
            en utvecklare.
        bring: Ingenting, dator finns.
        hours: 08.30-15.30 | 09.00-16.00
    """,
    "media": """
        trade: culture_media 2 24 50 73111 -
        names: Byrån {word} | {word} Film & Foto | {place} Tryck & Form
        words: Lykta Åtta Bilden Ordet Kulör
        tasks: Du är med på en fotografering, redigerar bilder och gör ett eget inlägg som vi går igenom
            tillsammans. | Du skissar, klipper film och är med på kundmöten. På torsdagen presenterar du en
            egen idé.
        bring: Gärna egna hörlurar.
        hours: 09.00-16.00
    """,
    "theatre": """
        trade: culture_media 1 14 52 90010 -
        names: Teater {word} | Studio {word} | {place} Musikhus
        words: Viskan Vinden Skeppet
        tasks: Du hjälper till med scen, ljus och rekvisita, är med på repetition och förbereder lokalen för publik.
        bring: Mörka, oömma kläder.
        hours: 10.00-17.00
    """,
    "office": """
        trade: administration 4 6 65 69201 -
        names: {lasts} Redovisning | {place} Ekonomibyrå | {word} Juridik
        words: Balans Saldo Paragrafens
        tasks: Du sorterar underlag, hjälper till i receptionen och får följa ett ärende från början till slut.
        bring: Hela, enkla kläder.
        know: Du skriver under att det du ser på kontoret stannar där.
        hours: 08.30-15.30
    """,
    "engineering": """
        trade: technology 3 7 22 71124 -
        names: {word} Konsult | {place} Ingenjörsbyrå | {lasts} Arkitekter
        words: Mätt Linjal Ritverket
        tasks: Du följer med ut och mäter, ritar i ett datorprogram och bygger en modell av ett rum.
        bring: Kläder för att vara ute en halv dag.
        hours: 08.30-15.30
    """,
    "cleaning": """
        trade: cleaning 4 0.5 77 81210 -
        names: {place} Städ & Service | {word} Lokalvård | {lasts} Fastighetsservice
        words: Glans Klara Rent
        tasks: Du följer med på två objekt om dagen, städar, fyller på och lär dig vilka medel som används till vad.
        bring: Bekväma kläder. Handskar finns.
        hours: 07.00-14.00
    """,
    "security": """
        trade: security 1 12 31 80100 -
        names: {word} Bevakning | {place} Larm
        words: Sjuhärads Falken
        tasks: Du är med på larmcentralen, ser hur lås och larm monteras och går en rond dagtid.
        bring: Legitimation första dagen.
        hours: 08.30-15.30
    """,
    "care_home": """
        trade: social 4 1.6 88 87301 apl
        names: {word} omsorgsboende | Gruppbostaden {word}
        words: Lyckebo Ängsro Backhaga Tallgården
        tasks: Du hjälper till vid måltider, går promenader, spelar spel och är med på aktiviteter
            tillsammans med personalen.
        bring: Bekväma skor. Arbetskläder finns. Lunch ingår.
        know: Du är inte med vid dusch och medicin. Tystnadslöfte skrivs första dagen.
        hours: 08.00-15.00
    """,
    "dental": """
        trade: health 2 8 92 86230 -
        names: {place} Tandvård | Tandläkarna {word}
        words: Torget Viskan
        tasks: Du dukar fram, torkar av, tar emot patienter och ser på när de säger ja till det.
        bring: Inneskor. Arbetskläder finns.
        hours: 08.00-15.00
    """,
}
