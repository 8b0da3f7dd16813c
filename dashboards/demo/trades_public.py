"""Trades of the municipalities and of health care, in the words of their workplaces. Read by dashboards.demo.trades.

Keys are (trade, administration): the municipality's employer is named after the administration.
"""

from typing import Final

PUBLIC: Final[dict[tuple[str, str], str]] = {
    ("preschool", "förskola"): """
        trade: education 15 7 96 85100 apl
        names: Förskolan {word}
        words: Blåsippan Gläntan Kotten Smultronet Pärlan Tallbacken Solstrålen Nyckelpigan Myran Regnbågen
            Äppelgården Trollebo Humlan Lärkan Sländan Ekorren Kastanjen Tranan Sjöstjärnan Vitsippan Grodan
            Kullen Lyktan Spårvagnen Hästhoven Stigen Vargungen Rönnen Älvan Fjärilen
        tasks: Du är med i leken ute och inne, dukar till lunch, läser sagor och hjälper barnen med
            kläderna. | Du följer en avdelning med tre- till femåringar: samling, utflykt, mellanmål och
            skapande.
        bring: Kläder efter väder, vi är ute varje dag. Lunch äter du med barnen.
        know: Barn och personal säger du inget om på sociala medier.
        hours: 08.00-15.00 | 08.30-15.30
        more: köket | Du hjälper kocken: skalar, bakar, portionerar och diskar. Det är tjugo specialkoster
            att hålla reda på.
    """,
    ("school", "utbildning"): """
        trade: education 7 6 78 85201 -
        names: {word}skolan F–6 | Fritidshemmet på {word}skolan
        words: Ängs Sjumila Kullsvik Myrås Ulvereds Storegårds Fjärdings Hulebäcks Tummarps Ryda Lindbergs
            Dammsvedje Kyllareds Nordstigs
        tasks: Du är med i en årskurs 2: hjälper till på lektioner, rastvaktar och är med på fritids. | Du
            hjälper barnen med läsning, plockar fram material och leder en lek på fritids.
        bring: Kläder för att vara ute. Lunch ingår.
        know: Du får inte gå på den skola du själv gick på i fjol.
        hours: 08.00-15.00
    """,
    ("elderly", "vård och omsorg"): """
        trade: social 15 1 90 87301 apl
        names: {word}s äldreboende | Äldreboendet {word} | Hemtjänsten i {place}
        words: Almgården Björkhaga Ekliden Hestralund Kronäng Lindhaga Margaretagården Rosengården Vitsippan
            Åsbogården Östergläntan Solsidan
        tasks: Du hjälper till vid frukost och fika, går ut med de boende, läser tidningen högt och är med
            på gympan. | Du följer en undersköterska: bäddar, dukar, pratar och lyssnar. Många av våra
            boende har mycket att berätta.
        bring: Bekväma inneskor. Arbetskläder finns. Lunch ingår.
        know: Du är aldrig ensam, och inte med vid dusch eller medicin. Tystnadslöfte skrivs första dagen.
        hours: 08.00-15.00 | 08.30-15.30
        more: aktiviteten | Du planerar och håller en aktivitet: bingo, bakning eller bilder från förr.
            Resten av dagen hjälper du till på avdelningen.
    """,
    ("kitchen", "kost"): """
        trade: hotel_restaurant 5 2 65 56291 apl
        names: {place} centralkök | Köket {word}
        words: Ängen Björken Viskastrand Solhem
        tasks: Vi lagar tusen portioner om dagen. Du är med i kallkök, salladsbuffé och disk, och får laga
            en egen rätt.
        bring: Hela skor. Kockkläder och lunch får du.
        hours: 07.00-14.00
    """,
    ("library", "kultur och fritid"): """
        trade: culture_media 2 6 75 91011 -
        names: {place} bibliotek
        words: Bok
        tasks: Du sätter upp böcker, gör en skyltning, hjälper till vid sagostunden och lånar ut.
        bring: Ingenting särskilt.
        hours: 09.00-16.00
    """,
    ("youth", "kultur och fritid"): """
        trade: culture_media 1.5 8 55 94992 -
        names: Fritidsgården {word} | Ungdomens hus i {place}
        words: Navet Backa Hörnet
        tasks: Du planerar kvällens aktivitet, fixar kaféet, tar emot de yngre besökarna och sköter ljudet.
        bring: Bra humör.
        hours: 11.30-18.30
    """,
    ("swim", "kultur och fritid"): """
        trade: body_care 1.5 9 55 93111 -
        names: {place} simhall | Badhuset {word}
        words: Vågen Bubblan
        tasks: Du är med i receptionen, kollar vattenprover, plockar fram till simskolan och hjälper badmästaren.
        bring: Badkläder och inneskor. Du behöver kunna simma 200 meter.
        hours: 08.00-15.00
    """,
    ("park", "teknik"): """
        trade: construction 4 2.2 15 81300 -
        names: Parkavdelningen {place} | Gatuenheten {place}
        words: Park
        tasks: Du planterar, beskär, städar lekplatser och åker med i bilen. På vintern sandar vi och ser
            över bänkar.
        bring: Kläder efter väder. Varsel och handskar får du låna.
        hours: 07.00-14.30
    """,
    ("caretaker", "fastighet"): """
        trade: cleaning 4 1.2 18 81100 -
        names: Fastighetsenheten {place} | Vaktmästeriet {word}
        words: Stadshuset Viskan Kullen
        tasks: Du byter lampor, lagar möbler, ställer i ordning lokaler och går rond med en vaktmästare.
        bring: Oömma kläder.
        hours: 07.00-14.00
    """,
    ("town_hall", "kommunledning"): """
        trade: administration 2.5 4 70 84111 -
        names: Kontaktcenter {place} | Stadshuset {place}, kommunikation
        words: Stadshuset
        tasks: Du lyssnar med i växeln, hjälper till i receptionen, skriver en nyhet till webben och är med
            på ett möte.
        bring: Ingenting särskilt.
        hours: 08.30-15.30
    """,
    ("town_it", "it"): """
        trade: it 1.2 22 20 62030 -
        names: It-enheten {place}
        words: It
        tasks: Du installerar elevdatorer, felsöker i klassrum och är med när vi svarar i supporten.
        bring: Ingenting, dator finns.
        hours: 08.00-15.00
    """,
    ("health_inspector", "miljö"): """
        trade: science 1.2 4 62 84121 -
        names: Miljöenheten {place}
        words: Miljö
        tasks: Du följer med på livsmedelstillsyn, tar ett vattenprov och ser hur ett klagomål blir ett beslut.
        bring: Kläder för att vara ute. Legitimation.
        hours: 08.30-15.30
    """,
    ("water", "energi och vatten"): """
        trade: science 2 3 28 36001 apl
        names: {place} vattenverk | {place} reningsverk
        words: Vatten
        tasks: Du tar prover, är med i labbet, går runt på verket och åker på en läcka om det blir en.
        bring: Oömma kläder. Hjälm och väst finns.
        hours: 07.30-14.30
    """,
    ("fire", "räddningstjänst"): """
        trade: security 0.9 22 12 84250 -
        names: {place} brandstation
        words: Brand
        tasks: Du är med på materialvård, fyspass och övning på gården. Vid larm stannar du på stationen.
        bring: Träningskläder. Lunch ingår.
        hours: 08.00-15.00
    """,
    ("clinic", "hälsa"): """
        trade: health 4 8 84 86211 apl
        names: {place} vårdcentral | Rehab {place}
        words: Vård
        tasks: Du följer reception, lab och sjukgymnast. Du plockar material, tar emot och lär dig ta puls
            på oss som arbetar här.
        bring: Inneskor. Arbetskläder finns.
        know: Tystnadslöfte skrivs första dagen. Patienten säger alltid ja eller nej till att du är med.
        hours: 08.00-15.00
    """,
}
