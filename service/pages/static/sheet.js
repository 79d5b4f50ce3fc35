// The sheet's one button; without this script the browser's own menu prints it as well.
"use strict";

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
