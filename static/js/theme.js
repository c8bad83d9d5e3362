/* Before the first paint, so that nothing flashes or moves: scripts run here, and the choice "system" follows the device. */
(function (root, dark) {
  root.classList.add("x-js");
  if (root.dataset.theme !== "system") return;
  function follow() { root.dataset.bsTheme = dark.matches ? "dark" : "light"; }
  follow();
  dark.addEventListener("change", follow);
})(document.documentElement, matchMedia("(prefers-color-scheme: dark)"));
