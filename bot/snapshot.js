// Waits until one of `ready` (CSS) is visible or `timeout` (ms) is over, then returns the document
// as a person sees it: what is not visible is marked, typed values are written into the copy.
// With `change` it first waits for the document to change, for at most that many milliseconds.
async ({ ready, timeout, change }) => {
  const MARK = "data-leadwright-hidden";
  const ALSO = { visibilityProperty: true };
  const sees = (element) =>
    element.checkVisibility(ALSO) ||
    getComputedStyle(element).display === "contents";
  const isReady = () =>
    ready.length === 0 ||
    ready.some((css) => Array.from(document.querySelectorAll(css)).some(sees));
  const changed = (limit) =>
    new Promise((resolve) => {
      const observer = new MutationObserver(() => finish());
      const timer = setTimeout(() => finish(), limit);
      const finish = () => {
        observer.disconnect();
        clearTimeout(timer);
        resolve();
      };
      observer.observe(document, {
        subtree: true, childList: true, attributes: true, characterData: true,
      });
    });
  const until = performance.now() + timeout;
  if (change > 0) await changed(change);
  while (!isReady() && performance.now() < until) {
    // A style sheet may show an element without any mutation: look again at least this often.
    await changed(Math.min(100, Math.max(1, until - performance.now())));
  }
  const copyValue = (element, copy) => {
    if (element.tagName === "TEXTAREA") copy.textContent = element.value;
    else if (element.type === "checkbox" || element.type === "radio") {
      copy.toggleAttribute("checked", element.checked);
    } else if (element.tagName === "INPUT" && element.type !== "password") {
      copy.setAttribute("value", element.value);
    }
  };
  const SKIP = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT"]);
  const mark = (element, copy) => {
    let child = element.firstElementChild;
    let twin = copy.firstElementChild;
    while (child !== null) {
      if (!SKIP.has(child.tagName)) {
        if (!sees(child)) twin.setAttribute(MARK, "");
        else {
          if (child.firstElementChild !== null || child.shadowRoot !== null) mark(child, twin);
          if ("value" in child) copyValue(child, twin);
        }
      }
      child = child.nextElementSibling;
      twin = twin.nextElementSibling;
    }
    if (element.shadowRoot) {
      const inside = document.createElement("div");
      for (const node of element.shadowRoot.childNodes) inside.append(node.cloneNode(true));
      mark(element.shadowRoot, inside);
      copy.append(inside);
    }
  };
  const root = document.documentElement;
  const clone = root.cloneNode(true);
  const body = clone.querySelector(":scope > body");
  if (document.body && body) mark(document.body, body);
  return { html: "<!doctype html>" + clone.outerHTML, url: location.href };
}
