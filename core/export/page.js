"use strict";
// Everything that is drawn or downloaded here is read from the files of the result that stand in the page.
const bytes = (block) => Uint8Array.from(atob(JSON.parse(block.textContent)), (c) => c.charCodeAt(0));
const blocks = new Map([...document.querySelectorAll("script.assay-file")].map((one) => [one.dataset.name, one]));

const dark = matchMedia("(prefers-color-scheme: dark)");
const { templates } = JSON.parse(document.getElementById("assay-page").textContent);

function draw() {
  if (!blocks.has("figures.json")) return;
  const figures = JSON.parse(new TextDecoder().decode(bytes(blocks.get("figures.json"))));
  for (const place of document.querySelectorAll("[data-figure]")) {
    const { data, layout } = figures[place.dataset.figure].plot;
    const template = dark.matches ? templates.dark : templates.light;
    place.replaceChildren();
    Plotly.newPlot(place, data, { ...layout, template, autosize: true }, {
      responsive: true,
      displaylogo: false,
      toImageButtonOptions: { format: "svg", filename: place.dataset.figure },
    });
  }
}
draw();
dark.addEventListener("change", draw);

for (const [name, block] of blocks) {
  const button = document.createElement("a");
  button.textContent = name;
  button.href = "#files";
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes(block)]));
    link.download = name.replace("/", "-");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  const item = document.createElement("li");
  item.append(button);
  document.getElementById("files").append(item);
}
