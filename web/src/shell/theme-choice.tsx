import { useState } from 'react'
import { applyTheme, chosenTheme, themes, type Theme } from './theme'

const words: Record<Theme, string> = { auto: 'As the machine', light: 'Light', dark: 'Dark' }

export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme)
  const choose = (next: Theme): void => {
    applyTheme(next)
    setTheme(next)
  }
  return (
    <fieldset className="choice">
      <legend>Colours</legend>
      {themes.map((each) => (
        <label key={each}>
          <input type="radio" name="theme" checked={theme === each} onChange={() => choose(each)} />
          {words[each]}
        </label>
      ))}
    </fieldset>
  )
}
