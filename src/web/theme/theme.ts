/** Mantine in Stet's clothes: sizes and habits here, colours in tokens.css by way of base.css. */
import { createTheme, type MantineColorsTuple } from "@mantine/core"

// Mantine wants ten shades of a colour; ours has one for each mode, and CSS knows which.
const PENCIL = Array.from({ length: 10 }, () => "var(--pencil)") as unknown as MantineColorsTuple

export const theme = createTheme({
  primaryColor: "pencil",
  colors: { pencil: PENCIL },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    Button: { defaultProps: { size: "xs", variant: "default" } },
    ActionIcon: { defaultProps: { size: 28, variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    // A list that opens as soon as the field has the focus lies over what a dialog says.
    Select: { defaultProps: { size: "sm", checkIconPosition: "right", allowDeselect: false, openOnFocus: false } },
    // The pencil is for what is to be done; a switch only says how things are.
    Switch: { defaultProps: { color: "var(--ink)" } },
    Checkbox: { defaultProps: { color: "var(--ink)", iconColor: "var(--paper)" } },
    Modal: {
      defaultProps: {
        centered: false,
        yOffset: "10vh",
        overlayProps: { color: "var(--veil)", backgroundOpacity: 1 },
        transitionProps: { duration: 120, transition: "fade" },
        closeButtonProps: { "aria-label": "Close" },
      },
    },
    Menu: {
      defaultProps: {
        shadow: "md",
        transitionProps: { duration: 80 },
        position: "bottom-end",
        withinPortal: true,
        withInitialFocusPlaceholder: false,
      },
    },
    MenuDivider: { defaultProps: { role: "separator" } },
    Popover: { defaultProps: { shadow: "md", transitionProps: { duration: 80 } } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 80 }, withArrow: false } },
  },
})
