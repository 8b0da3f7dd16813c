// Everything here is an extra: each page works without it.
import { startDialogs } from "./dialog.js";
import { startDirtyWarnings } from "./dirty.js";
import { startFailureNotes } from "./failures.js";
import { startMenus } from "./menus.js";
import { startRankings } from "./ranking.js";
import { startScrollRegions } from "./scroll.js";
import { startSchemes } from "./scheme.js";
import { startSteppers } from "./stepper.js";
import { startToasts } from "./toasts.js";

startMenus();
startRankings();
startSchemes();
startDirtyWarnings();
startDialogs();
startFailureNotes();
const starters = [startSteppers, startScrollRegions, startToasts];
starters.forEach((start) => start(document));
document.addEventListener("htmx:load", (event) => starters.forEach((start) => start(event.target)));
