#!/bin/sh
# The main job on real input, as a new user would run it. Each command is printed before its output.
# A step that must exit with another status than it did ends the demonstration with an error.
set -u
out=out
mkdir -p "$out" || exit 1
rm -f "$out"/sheet.html "$out"/doses.ics "$out"/order.json "$out"/labels.db "$out"/taper.json "$out"/*.svg
step() { # step STATUS TITLE -- COMMAND...
    want=$1; title=$2; shift 3
    printf '\n\n### %s\n$' "$title"; for a in "$@"; do case $a in *[!A-Za-z0-9_/.:,=-]*) printf ' "%s"' "$a";; *) printf ' %s' "$a";; esac; done; printf '\n'
    "$@"; got=$?
    [ "$got" = "$want" ] || { printf 'demo: exit status %s, wanted %s\n' "$got" "$want" >&2; exit 1; }
}

step 0 "The page: what the medicine is and does, what to do, what never to do" -- posology about baclofen --country UK
step 0 "What the page that started this project got right, wrong and left out" -- posology about baclofen --claims
step 0 "Tablets three times a day" -- posology plan "baclofen 10 mg three times a day" --from 2026-11-24 --zone Europe/London --awake 07:00-22:30 --have "10 mg tablets x 84" --country UK --html "$out/sheet.html" --ics "$out/doses.ics" --fhir "$out/order.json"
step 0 "7.5 mg from the liquid, on a 10 mL oral syringe" -- posology plan "baclofen 7.5 mg three times a day" --from 2026-11-24 --zone America/New_York --awake 07:00-22:30 --have "5 mg/5 mL solution x 473 mL" --syringe "10 mL by 0.5 mL" --country US
step 0 "The same with only a 5 mL syringe: it asks for a larger one" -- posology plan "baclofen 7.5 mg three times a day" --from 2026-11-24 --zone America/New_York --awake 07:00-22:30 --have "5 mg/5 mL solution x 473 mL" --syringe "5 mL by 0.2 mL" --country US
step 0 "The label's way up to 20 mg three times a day, across a clock change" -- posology plan "baclofen 5 mg three times a day for 3 days, then 10 mg three times a day for 3 days, then 15 mg three times a day for 3 days, then 20 mg three times a day" --new --from 2026-10-22 --zone Europe/London --awake 07:00-22:30 --country US --days 14
step 3 "A FHIR Bundle: 30 mg four times a day in the US with an eGFR of 25 is stopped, with its reasons" -- posology plan docs/examples/bundle-30mg-egfr25.json --country US --zone America/Chicago --from 2026-11-24
step 0 "An official label, topic by topic; what it does not say is said" -- posology label read docs/examples/examplone-label.xml
step 3 "A faulty leaflet held to that label" -- posology audit docs/examples/leaflet.html --label docs/examples/examplone-label.xml
if [ -d ../shared/data/labels ]; then
    step 0 "Real labels into an index; a damaged file is named and the rest goes on" -- posology label index ../shared/data/labels --index "$out/labels.db"
    step 0 "The index answers a question with the section that answers" -- posology search "what happens if I stop baclofen suddenly" --index "$out/labels.db" --limit 2
    step 0 "What changed between two editions of one label" -- posology label diff ../shared/data/labels/openfda-history/celexa__NDA020822__2020-02-21.json ../shared/data/labels/openfda-history/celexa__NDA020822__2023-11-13.json
    step 0 "Every rule of a medicine file held to its label" -- posology label verify baclofen --label ../shared/data/labels/spl-rebuilt/baclofen__07730b69.xml
    step 3 "The page that started this project, claim by claim" -- posology audit ../shared/data/pages/what-is-baclofen.txt --medicine baclofen
fi
step 0 "Coming off 60 mg a day: the best steps the tablets at hand can make, proved; a proposal for the prescriber" -- posology taper "baclofen 20 mg three times a day" --since 2026-01-05 --from 2026-11-24 --have "10 mg tablets x 200" --country UK --save "$out/taper.json" --svg "$out/taper.svg"
step 0 "60 mg a day: stopped at once, and the planned taper" -- posology curve "baclofen 20 mg three times a day" --from 2026-11-23 --zone Europe/London --country UK --days 28 --stop-on 2026-11-24 --compare "$out/taper.json" --svg "$out/stopped-or-tapered.svg"
printf '\n\nThe demonstration is complete. What it wrote is in the folder: %s\n' "$out"
