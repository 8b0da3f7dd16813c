// Everything here is an extra: each page works without it.
import { startDirtyWarnings } from "./dirty.js";
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
const starters = [startSteppers, startScrollRegions, startToasts];
starters.forEach((start) => start(document));
document.addEventListener("htmx:load", (event) => starters.forEach((start) => start(event.target)));
