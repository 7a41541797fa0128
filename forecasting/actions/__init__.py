"""Every write of forecasts."""
