// Without the fonts of the default theme: a page looks as its reader's system does.
import DefaultTheme from "vitepress/theme-without-fonts";
import "./style.css";

export default DefaultTheme;
