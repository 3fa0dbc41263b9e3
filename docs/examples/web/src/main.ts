import { mount } from "./desk";

const root = document.querySelector<HTMLElement>("#desk");
if (root) mount(root, { url: location.origin });
