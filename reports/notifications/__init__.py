"""Notifications of one storm under one or several configurations, as a picture and a page that stands alone."""

from reports.notifications.page import NotificationPage, notification_page

__all__ = ["NotificationPage", "notification_page"]
