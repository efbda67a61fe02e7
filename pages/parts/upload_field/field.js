// Sends each chosen file by PUT, one after the other, and tells the page when one has arrived.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const input = parentElement.querySelector(".files");
  const drop = parentElement.querySelector(".drop");
  const list = parentElement.querySelector(".progress");
  parentElement.querySelector(".label").textContent = data.label;
  parentElement.querySelector(".hint").textContent = data.limit;
  input.setAttribute("aria-label", data.label);

  const send = (file) => new Promise((done) => {
    const item = document.createElement("li");
    const line = document.createElement("div");
    const name = document.createElement("span");
    const part = document.createElement("span");
    const bar = document.createElement("progress");
    line.className = "line";
    part.className = "part";
    name.textContent = file.name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `Upload of ${file.name}`);
    line.append(name, part);
    item.append(line, bar);
    list.append(item);

    const request = new XMLHttpRequest();
    request.open("PUT", `/api/uploads?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => {
      bar.value = event.loaded / Math.max(file.size, 1);
      part.textContent = event.loaded < file.size ? `${Math.floor(100 * bar.value)} %` : "reading it …";
    };
    request.onload = () => {
      let reply = {};
      try { reply = JSON.parse(request.responseText); } catch { /* a proxy answered with a page */ }
      if (request.status === 200) {
        item.remove();
        setTriggerValue("uploaded", reply);
      } else {
        refuse(reply.error || `The server answered ${request.status}; try again.`);
      }
      done();
    };
    request.onerror = () => { refuse("The connection broke before the file had arrived; try again."); done(); };
    const refuse = (sentence) => {
      bar.remove();
      part.textContent = "not accepted";
      const reason = document.createElement("div");
      reason.className = "refused";
      reason.setAttribute("role", "alert");
      reason.textContent = sentence;
      item.append(reason);
    };
    request.send(file);
  });

  const sendAll = async (files) => {
    list.replaceChildren();
    for (const file of files) await send(file);
    input.value = "";
  };
  input.onchange = () => sendAll([...input.files]);
  drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    sendAll([...event.dataTransfer.files]);
  };
}
