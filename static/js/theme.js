/* The choice "system" follows the device; runs before the first paint so that nothing flashes. */
(function (root, dark) {
  if (root.dataset.theme !== "system") return;
  function follow() { root.dataset.bsTheme = dark.matches ? "dark" : "light"; }
  follow();
  dark.addEventListener("change", follow);
})(document.documentElement, matchMedia("(prefers-color-scheme: dark)"));
