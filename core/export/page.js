"use strict";
// Everything that is drawn or downloaded here is read from the files of the result that stand in the page.
const bytes = (block) => Uint8Array.from(atob(JSON.parse(block.textContent)), (c) => c.charCodeAt(0));
const blocks = new Map([...document.querySelectorAll("script.assay-file")].map((one) => [one.dataset.name, one]));

const dark = matchMedia("(prefers-color-scheme: dark)");
const { templates, lighter } = JSON.parse(document.getElementById("assay-page").textContent);

function draw() {
  if (!blocks.has("figures.json")) return;
  let text = new TextDecoder().decode(bytes(blocks.get("figures.json")));
  if (dark.matches) for (const [dim, bright] of Object.entries(lighter)) text = text.replaceAll(dim, bright);
  const figures = JSON.parse(text);
  for (const place of document.querySelectorAll("[data-figure]")) {
    const { data, layout, frames } = figures[place.dataset.figure].plot;
    const template = dark.matches ? templates.dark : templates.light;
    place.replaceChildren();
    const config = {
      responsive: true,
      displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
      toImageButtonOptions: { format: "svg", filename: place.dataset.figure },
    };
    Plotly.newPlot(place, { data, layout: { ...layout, template, autosize: true }, config, frames });
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
