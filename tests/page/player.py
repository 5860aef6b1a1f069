"""One person at the page, who plays everybody's part: by what is seen and by what can be clicked."""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Player:
    """Finds everything as people and screen readers do: by role and by words."""

    page: Page

    @property
    def thread(self) -> Locator:
        """The open thread."""
        return self.page.get_by_role("region", name="Thread")

    @property
    def channel(self) -> Locator:
        """The open channel."""
        return self.page.get_by_role("region", name="#identities")

    @property
    def card(self) -> Locator:
        """The message in the thread that is to be decided on."""
        return self.thread.get_by_role("listitem").filter(
            has=self.page.get_by_role("heading", name="Azure identity for")
        )

    async def become(self, name: str) -> None:
        """Another person acts from here on."""
        await self.page.get_by_role("navigation", name="Who you are").get_by_role("button", name=name).click()

    async def say(self, text: str) -> None:
        """A message stands in the channel, sent by Enter."""
        box = self.channel.get_by_role("textbox", name="Message #identities")
        await box.fill(text)
        await box.press("Enter")

    async def reply(self, text: str) -> None:
        """An answer stands in the open thread."""
        box = self.thread.get_by_role("textbox", name="Reply in the thread")
        await box.fill(text)
        await box.press("Enter")

    async def react(self, name: str = "white check mark") -> None:
        """The reaction under the card was clicked."""
        await self.card.get_by_role("button", name=name).click()

    async def look_at(self, tab: str) -> Locator:
        """The pane behind a tab, open."""
        await self.page.get_by_role("navigation", name="Panes").get_by_role("button", name=tab).click()
        return self.page.get_by_role("region", name=tab, exact=True)

    async def sees(self, where: Locator, *words: str) -> None:
        """All of these words are to be seen there, or will be soon."""
        for word in words:
            await expect(where).to_contain_text(word)
