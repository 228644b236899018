// Says when the desk does not answer any more: what is shown then is not of now.
"use strict";

function tell(isAway) {
  const notice = document.getElementById("offline");
  if (notice !== null) {
    notice.hidden = !isAway;
  }
}

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => tell(true));
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) {
    tell(false);
  }
});
