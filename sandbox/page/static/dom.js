// Elements as values, and the one function that brings a piece of the page to match them.
//
// Nothing here takes HTML: text only ever becomes a text node, so nothing that somebody wrote can be markup.
// Elements that are there already are kept, so that focus, selection and scroll positions stay.

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "path", "circle", "ellipse", "rect"]);

/** A wanted element. `props`: attributes, `on*` handlers, `.name` properties, `style` as an object, `key`. */
export function h(tag, props, ...children) {
  const { key, ...rest } = props ?? {};
  return { tag, key, props: rest, children };
}

/** The children of `parent` are as wanted; those with the same key or place are kept and brought up to date. */
export function patch(parent, wanted) {
  const vnodes = flat(wanted);
  const { keyed, loose } = present(parent);
  const nodes = vnodes.map((vnode) => reusable(vnode, keyed, loose));
  const kept = new Set(nodes);
  for (const node of [...parent.childNodes]) if (!kept.has(node)) node.remove();
  let next = parent.firstChild;
  vnodes.forEach((vnode, index) => {
    const node = nodes[index] ?? create(vnode);
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
    update(node, vnode);
  });
}

/** Class names out of strings and conditions: `cls("a", isB && "b")`. */
export function cls(...names) {
  return names.filter(Boolean).join(" ");
}

function flat(wanted) {
  return [wanted]
    .flat(Infinity)
    .filter((vnode) => vnode !== null && vnode !== undefined && vnode !== false && vnode !== "");
}

function present(parent) {
  const keyed = new Map();
  const loose = [];
  for (const node of parent.childNodes) {
    if (node.vkey === undefined) loose.push(node);
    else keyed.set(node.vkey, node);
  }
  return { keyed, loose };
}

function reusable(vnode, keyed, loose) {
  if (vnode.key !== undefined) {
    const node = keyed.get(vnode.key);
    keyed.delete(vnode.key);
    return node?.vtag === vnode.tag ? node : undefined;
  }
  const place = loose.findIndex((node) => fits(node, vnode));
  return place < 0 ? undefined : loose.splice(0, place + 1).at(-1);
}

function fits(node, vnode) {
  return vnode.tag === undefined ? node.nodeType === Node.TEXT_NODE : node.vtag === vnode.tag;
}

function create(vnode) {
  if (vnode.tag === undefined) return document.createTextNode(String(vnode));
  const made = DRAWN.has(vnode.tag) ? document.createElementNS(SVG, vnode.tag) : document.createElement(vnode.tag);
  return Object.assign(made, { vtag: vnode.tag, vkey: vnode.key, vprops: {}, vheard: {} });
}

function update(node, vnode) {
  if (vnode.tag === undefined) {
    if (node.data !== String(vnode)) node.data = String(vnode);
    return;
  }
  for (const name of Object.keys(node.vprops)) if (!(name in vnode.props)) set(node, name, null);
  // Children first: a select's value can only be set once its options are there.
  patch(node, vnode.children);
  for (const [name, value] of Object.entries(vnode.props)) {
    // An attribute is set when it is wanted otherwise than before: what people opened stays open.
    if (name.startsWith(".") || value !== node.vprops[name]) set(node, name, value);
  }
  node.vprops = vnode.props;
}

function set(node, name, value) {
  if (name.startsWith("on")) listen(node, name.slice(2), value);
  else if (name.startsWith(".")) property(node, name.slice(1), value);
  else if (name === "style") styled(node, value);
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, text(value));
}

function text(value) {
  return value === true ? "" : String(value);
}

function property(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

function styled(node, value) {
  // By the object model: the page's policy forbids style attributes.
  for (const [name, each] of Object.entries(value ?? {})) node.style.setProperty(name, each);
}

function listen(node, kind, listener) {
  if (!(kind in node.vheard)) node.addEventListener(kind, (event) => node.vheard[kind]?.(event));
  node.vheard[kind] = listener;
}
