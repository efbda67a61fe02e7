// The live line of a run: asks a socket of its own once a second, so that the page's script runs again only at the end.
const EVERY = 1000; // milliseconds between an answer and the next question, or the next try to connect
const AGAIN = 3000; // until the page tells its end again: the wire to the script may just have been cut
const watchers = new WeakMap(); // by the element that Streamlit gives: a rerun of the page goes on with the same socket

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".live");
  if (!watchers.has(box)) watchers.set(box, watch(box, data, setTriggerValue));
  return watchers.get(box);
}

// Shows what is said of a run until it has ended, and returns how to stop.
function watch(box, data, setTriggerValue) {
  let shown = "";
  let socket = null;
  let timer = 0;
  let over = false;
  const show = (html) => {
    if (html !== shown) box.innerHTML = shown = html;
  };
  const stop = () => {
    over = true;
    watchers.delete(box);
    clearTimeout(timer);
    socket?.close();
  };
  const tell = () => {
    setTriggerValue("ended", data.run);
    timer = setTimeout(tell, AGAIN);
  };
  const connect = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/live/${encodeURIComponent(data.run)}`);
    socket.onopen = () => socket.send("look");
    socket.onmessage = (message) => {
      const { html, ended } = JSON.parse(message.data);
      if (ended) {
        over = true;
        tell();
      } else {
        show(html);
        timer = setTimeout(() => socket.send("look"), EVERY);
      }
    };
    socket.onclose = () => {
      if (over) return;
      clearTimeout(timer);
      timer = setTimeout(connect, EVERY);
    };
  };
  show(data.html);
  box.scrollIntoView({ block: "nearest" }); // Run stands at the end of a long form
  connect();
  return stop;
}
